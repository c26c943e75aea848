import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exchangeHttp2 } from "./harness/http2-client.ts";
import { RecordedSite } from "./harness/recorded-site.ts";
import { DOWNGRADED, DROPPED, REFUSED, SERVED } from "./harness/smuggling-http2-cases.ts";

/** Of trailers that may not be passed on, and of fields that nghttp2 drops. */
const MUST_NOT_BE_SEEN = /hidden|x-a|x-c|192\.0\.2\.1|other\.example/;

let recorded: RecordedSite;

beforeAll(async () => {
  recorded = await RecordedSite.start(DOWNGRADED);
});

afterAll(() => recorded.stop());

describe("requests of HTTP/2 that would be two of HTTP/1.1, or none", () => {
  it.each(REFUSED)("%s is refused", async (_name, request) => {
    const outcome = await exchangeHttp2(recorded.site, request);
    if (outcome.kind === "answer") expect(outcome.status).toBe(400);
    expect(await recorded.settle()).toMatchObject({ requests: [], garbage: [] });
  });

  it.each(DROPPED)("of %s nothing is passed on", async (_name, request) => {
    const outcome = await exchangeHttp2(recorded.site, request);
    expect(outcome).toEqual({ kind: "answer", status: 200 });
    const { requests, garbage } = await recorded.settle();
    expect(garbage).toEqual([]);
    expect(requests).toHaveLength(1);
    expect(JSON.stringify(requests)).not.toMatch(MUST_NOT_BE_SEEN);
  });

  it("CONNECT is refused", async () => {
    const { host } = recorded.site;
    const outcome = await exchangeHttp2(recorded.site, {
      fields: [
        [":method", "CONNECT"],
        [":authority", `${host}:80`],
      ],
      data: null,
    });
    expect(outcome).toEqual({ kind: "answer", status: 405 });
    expect(await recorded.settle()).toMatchObject({ requests: [], garbage: [] });
  });

  it.each(SERVED)("%s is served", async (_name, request) => {
    const outcome = await exchangeHttp2(recorded.site, request);
    expect(outcome).toEqual({ kind: "answer", status: 200 });
    const { requests, garbage } = await recorded.settle();
    expect(garbage).toEqual([]);
    const body = (request.data ?? []).join("");
    expect(requests).toMatchObject([{ target: "/page", body }]);
    const trailers = (request.trailers ?? []).map((field) => field.join(": "));
    const passedOn = trailers.filter((field) => !MUST_NOT_BE_SEEN.test(field));
    expect(requests[0]?.trailers).toEqual(passedOn);
  });
});
