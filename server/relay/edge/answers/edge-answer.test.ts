import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EDGE_ERRORS, EdgeErrorCode } from "#protocol/api/http-figures.ts";
import { type EdgeAnswer, type EdgeAnswerFacts, toEdgeAnswer } from "./edge-answer.ts";

const BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

function answerOf(over: Partial<EdgeAnswerFacts> = {}): EdgeAnswer {
  return toEdgeAnswer({
    code: "agent_offline",
    detail: null,
    requestId: "r-1",
    accept: undefined,
    method: "GET",
    ...over,
  });
}

function headerOf({ headers }: EdgeAnswer, name: string): string | undefined {
  const at = headers.findIndex((text, i) => i % 2 === 0 && text === name);
  return at === -1 ? undefined : headers[at + 1];
}

describe("an answer of the edge itself", () => {
  it.each(EdgeErrorCode.options)("says %s by status, header and body", (code) => {
    for (const accept of [undefined, "*/*", BROWSER]) {
      const answer = answerOf({ code, accept });
      expect(answer.status).toBe(EDGE_ERRORS[code].status);
      expect(headerOf(answer, "Culvert-Error")).toBe(code);
      expect(headerOf(answer, "X-Request-Id")).toBe("r-1");
      expect(headerOf(answer, "Cache-Control")).toBe("no-store");
      expect(headerOf(answer, "Content-Length")).toBe(String(Buffer.byteLength(answer.body)));
    }
  });

  it("is JSON for machines", () => {
    const answer = answerOf({ detail: "cluster prod", accept: "application/json" });
    expect(headerOf(answer, "Content-Type")).toBe("application/json");
    expect(JSON.parse(answer.body)).toEqual({
      error: {
        code: "agent_offline",
        message: "No agent is connected",
        requestId: "r-1",
        detail: "cluster prod",
      },
    });
  });

  it.each([
    [BROWSER, true],
    ["TEXT/HTML", true],
    ["application/json, text/html;q=0.1", true],
    ["text/htmlx", false],
    ["x-text/html", false],
    ["*/*", false],
    ["application/grpc", false],
  ])("is a page for Accept %s: %s", (accept, isPage) => {
    const answer = answerOf({ accept });
    expect(headerOf(answer, "Content-Type")?.startsWith("text/html")).toBe(isPage);
    expect(answer.body.startsWith("<!doctype html>")).toBe(isPage);
  });

  it("is a page with the request's id, and nothing that runs or is loaded", () => {
    const { body } = answerOf({ accept: BROWSER, detail: "shop/web:8080" });
    expect(body).toContain("<h1>No agent is connected</h1>");
    expect(body).toContain("shop/web:8080");
    expect(body).toContain("Request r-1");
    expect(body).toContain("color-scheme: light dark");
    expect(body).not.toMatch(/<script|src=|href=|url\(|@import/i);
  });

  it("lets no text become markup", () => {
    const quiet = answerOf({ accept: BROWSER, detail: "x" }).body.split("<").length;
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("<", ">", "&", '"', "'", "a", " ") }),
        (text) => {
          const { body } = answerOf({ accept: BROWSER, detail: `x${text}`, requestId: `r${text}` });
          expect(body.split("<")).toHaveLength(quiet);
          const { detail } = (JSON.parse(answerOf({ detail: text }).body) as Body).error;
          expect(detail).toBe(text);
        },
      ),
    );
  });

  it("has no body for HEAD, and the headers of the whole", () => {
    const head = answerOf({ method: "HEAD" });
    expect(head.body).toBe("");
    expect(head.headers).toEqual(answerOf().headers);
  });

  it("says when to ask again only where that helps", () => {
    expect(Number(headerOf(answerOf(), "Retry-After"))).toBeGreaterThan(0);
    expect(headerOf(answerOf({ code: "no_such_host" }), "Retry-After")).toBeUndefined();
    expect(headerOf(answerOf({ code: "connect_refused" }), "Allow")).toContain("GET");
  });
});

interface Body {
  readonly error: { readonly detail: string };
}
