import { describe, expect, it } from "vitest";
import { toPassedOn, toWebHeaders } from "./proxy-headers.ts";

describe("headers towards the web process", () => {
  it("lose what is meant for one hop, whatever its spelling", () => {
    const raw = [
      "CONNECTION",
      "Keep-Alive, X-Mine",
      "x-mine",
      "1",
      "TE",
      "trailers",
      "Accept",
      "*/*",
    ];
    expect(toPassedOn(raw)).toEqual(["Accept", "*/*"]);
  });

  it("carry our own word for where a request came from, once", () => {
    const raw = [
      "X-Forwarded-For",
      "1",
      "x-forwarded-for",
      "2",
      "Forwarded",
      "for=1",
      "Cookie",
      "c",
    ];
    const headers = toWebHeaders(raw, { address: "9.9.9.9", proto: "https", host: "h" });
    expect(headers).toEqual([
      "Cookie",
      "c",
      "X-Forwarded-For",
      "9.9.9.9",
      "X-Forwarded-Proto",
      "https",
      "X-Forwarded-Host",
      "h",
    ]);
  });
});
