import { describe, expect, it } from "vitest";
import { findAnswerFault } from "./find-answer-fault.ts";

const answer = { version: "1.1", status: 200, rawHeaders: [] as string[] };
const coded = (...codings: string[]) => ({
  ...answer,
  rawHeaders: codings.flatMap((coding) => ["Transfer-Encoding", coding]),
});

describe("the fault of an answer", () => {
  it.each([
    ["a plain one", answer],
    ["one of HTTP/1.0", { ...answer, version: "1.0" }],
    ["one of HTTP/2", { ...answer, version: "2" }],
    ["a length", { ...answer, rawHeaders: ["Content-Length", "3"] }],
    ["chunks", coded("Chunked")],
    ["a status that HTTP has no name for", { ...answer, status: 999 }],
  ])("is none: %s", (_, head) => {
    expect(findAnswerFault(head)).toBeNull();
  });

  it.each([
    ["HTTP/0.9", { ...answer, version: "0.9" }, /HTTP\/0\.9/],
    ["HTTP/2.0 in a status line", { ...answer, version: "2.0" }, /HTTP\/2\.0/],
    ["101", { ...answer, status: 101 }, /another protocol/],
    ["the status 0", { ...answer, status: 0 }, /status/],
    ["the status 99", { ...answer, status: 99 }, /status/],
    ["a status in words", { ...answer, status: Number.NaN }, /status/],
    ["another coding than chunked", coded("gzip"), /not chunked alone/],
    ["two codings", coded("gzip, chunked"), /not chunked alone/],
    ["chunked twice", coded("chunked", "chunked"), /not chunked alone/],
    ["chunks in HTTP/1.0", { ...coded("chunked"), version: "1.0" }, /this version/],
    [
      "a length of 40 digits",
      { ...answer, rawHeaders: ["content-length", "0".repeat(40)] },
      /no number/,
    ],
  ])("is told: %s", (_, head, reason) => {
    expect(findAnswerFault(head)).toMatch(reason);
  });
});
