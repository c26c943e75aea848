import { afterEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { ApiError, apiRequest, queryString } from "./api-client.ts";

const Answer = z.object({ value: z.number() });

function answerWith(response: Response | Error): { calls: [string, RequestInit][] } {
  const calls: [string, RequestInit][] = [];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    calls.push([path, init]);
    if (response instanceof Error) throw response;
    return response;
  });
  return { calls };
}

async function failureOf(request: Promise<unknown>): Promise<ApiError> {
  try {
    await request;
  } catch (error) {
    if (error instanceof ApiError) return error;
  }
  throw new Error("the request did not fail with an ApiError");
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("a request", () => {
  it("parses the answer and drops what the contract does not name", async () => {
    answerWith(Response.json({ value: 1, secret: 2 }));
    await expect(apiRequest(Answer, "/x")).resolves.toEqual({ value: 1 });
  });

  it("sends a body as JSON", async () => {
    const { calls } = answerWith(Response.json({ value: 1 }));
    await apiRequest(Answer, "/x", { method: "PATCH", body: { a: 1 } });
    expect(calls[0]?.[1]).toMatchObject({ method: "PATCH", body: '{"a":1}' });
  });

  it("takes an answer without content", async () => {
    answerWith(new Response(null, { status: 204 }));
    await expect(apiRequest(z.unknown(), "/x")).resolves.toBeUndefined();
  });

  it("fails with the server's code and the id of the request", async () => {
    answerWith(
      Response.json(
        { error: { code: "conflict", message: "Taken.", retryable: false, details: { a: 1 } } },
        { status: 409, headers: { "x-request-id": "rq_1" } },
      ),
    );
    const error = await failureOf(apiRequest(Answer, "/x"));
    expect(error).toMatchObject({
      code: "conflict",
      status: 409,
      requestId: "rq_1",
      details: { a: 1 },
    });
  });

  it.each([
    [503, "unavailable", true],
    [502, "unavailable", true],
    [500, "internal", false],
  ] as const)("reads a bare %d as %s", async (status, code, retryable) => {
    answerWith(new Response("<h1>no</h1>", { status }));
    expect(await failureOf(apiRequest(Answer, "/x"))).toMatchObject({ code, retryable });
  });

  it("says when no answer came", async () => {
    answerWith(new TypeError("failed to fetch"));
    expect(await failureOf(apiRequest(Answer, "/x"))).toMatchObject({
      code: "offline",
      retryable: true,
    });
  });

  it("refuses an answer of another shape", async () => {
    answerWith(Response.json({ value: "1" }));
    expect(await failureOf(apiRequest(Answer, "/x"))).toMatchObject({ code: "invalid_answer" });
  });

  it("leaves an abort an abort", async () => {
    const aborted = AbortSignal.abort(new DOMException("stop", "AbortError"));
    answerWith(new DOMException("stop", "AbortError"));
    await expect(apiRequest(Answer, "/x", { signal: aborted })).rejects.toMatchObject({
      name: "AbortError",
    });
  });
});

it("leaves empty values out of a query", () => {
  expect(queryString({ a: "x y", b: 0, c: null, d: undefined, e: "", f: false })).toBe(
    "?a=x+y&b=0&f=false",
  );
  expect(queryString({ a: null })).toBe("");
});
