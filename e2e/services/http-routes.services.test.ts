import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, findFreePort } from "../harness/process.ts";
import { ask, type Question } from "./harness/http-client.ts";
import { HttpLab } from "./harness/http-lab.ts";
import { startHttpService, type HttpBackend } from "./harness/http-service.ts";
import { SAMPLE_ROUTES } from "./harness/sample-routes.ts";

const NAMES = ["one", "two", "three", "mirror"] as const;

interface Seen {
  readonly service: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const services: HttpBackend[] = [];
/** Requests of the service that copies go to. */
const mirrored: Seen[] = [];
let lab: HttpLab;

/** Tells what it was asked, and by which name it is known. */
const serveAs =
  (service: string) =>
  async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request);
    const { method = "", url = "", headers } = request;
    const seen = { service, method, url, headers: headers as Record<string, string>, body };
    if (service === "mirror") mirrored.push(seen);
    response.setHeader("X-Service", service);
    response.setHeader("X-Private", "secret");
    response.end(JSON.stringify(seen));
  };

beforeAll(async () => {
  for (const name of NAMES) {
    services.push(
      await startHttpService((request, response) => void serveAs(name)(request, response)),
    );
  }
  lab = await HttpLab.start({
    services: [
      ...NAMES.map((name, index) => ({ name, port: services[index]?.port ?? null, route: null })),
      { name: "refusing", port: await findFreePort(), route: null },
    ],
    objects: SAMPLE_ROUTES,
  });
});

afterAll(async () => {
  await lab.stop();
  for (const service of services) await service.close();
});

async function seen(host: string, question: Question = {}): Promise<Seen> {
  const { status, text: body } = await ask(lab.siteOf(host), question);
  expect(status).toBe(200);
  return JSON.parse(body) as Seen;
}

describe("HTTPRoutes, by what becomes of requests", () => {
  it.each([
    ["x.shop.test", "one"],
    ["x.y.shop.test", "one"],
    ["a.shop.test", "two"],
    ["A.Shop.Test", "two"],
    ["a.shop.test:8080", "two"],
    ["x.b.shop.test", "three"],
    ["b.shop.test", "one"],
  ])("the most particular host name takes %s: %s", async (host, service) => {
    expect(await seen(host)).toMatchObject({ service });
  });

  it.each(["shop.test", "xshop.test", "shop.test.evil.test"])(
    "a wildcard covers names below it alone, not %s",
    async (host) => {
      expect(await ask(lab.siteOf(host))).toMatchObject({ status: 404 });
    },
  );

  it.each<readonly [string, Question, string]>([
    ["the root", { path: "/" }, "one"],
    ["a prefix", { path: "/api" }, "two"],
    ["below a prefix", { path: "/api/orders?x=1" }, "two"],
    ["no whole segment of a prefix", { path: "/apix" }, "one"],
    ["an exact path", { path: "/api/exact" }, "three"],
    ["below an exact path", { path: "/api/exact/more" }, "two"],
    ["a regular expression", { path: "/re/42/x" }, "three"],
    ["a part of a regular expression", { path: "/re/42/xy" }, "one"],
    ["a method", { path: "/api", method: "DELETE" }, "three"],
    ["a header", { path: "/api", headers: { "x-beta": "yes" } }, "one"],
    ["a header of another value", { path: "/api", headers: { "x-beta": "no" } }, "two"],
    ["a query parameter", { path: "/api?v=2" }, "three"],
    ["a query parameter of another value", { path: "/api?v=3" }, "two"],
    [
      "a method before a header",
      { path: "/api", method: "DELETE", headers: { "x-beta": "yes" } },
      "three",
    ],
    [
      "a header before a query parameter",
      { path: "/api?v=2", headers: { "x-beta": "yes" } },
      "one",
    ],
  ])("matches %s", async (_title, question, service) => {
    expect(await seen("match.test", question)).toMatchObject({ service });
  });

  it("changes headers of request and answer", async () => {
    const headers = { "x-set": "old", "x-add": "first", "x-remove": "gone" };
    const reply = await ask(lab.siteOf("filter.test"), { path: "/headers", headers });
    const { headers: got } = JSON.parse(reply.text) as Seen;
    expect(got).toMatchObject({ "x-set": "new", "x-add": "first, more" });
    expect(got["x-remove"]).toBeUndefined();
    expect(reply.headers["x-answer"]).toBe("yes");
    expect(reply.headers["x-private"]).toBeUndefined();
  });

  it("rewrites path and host", async () => {
    const got = await seen("filter.test", { path: "/old/page?x=1" });
    expect(got).toMatchObject({ url: "/new/page?x=1", headers: { host: "inside.test" } });
    expect(got.headers["x-forwarded-host"]).toBe("filter.test");
  });

  it("redirects", async () => {
    const reply = await ask(lab.siteOf("filter.test"), { path: "/moved/page?x=1" });
    expect(reply.status).toBe(301);
    expect(reply.headers.location).toBe("https://other.test/here/page?x=1");
  });

  it("mirrors a request with its body, and answers with the service's own answer", async () => {
    const question = { path: "/copied", method: "POST", body: "the body" };
    expect(await seen("filter.test", question)).toMatchObject({ service: "one", body: "the body" });
    const copy = await eventually("the copy is there", async () => mirrored[0]);
    expect(copy).toMatchObject({ method: "POST", url: "/copied", body: "the body" });
  });

  it("shares requests by weight", async () => {
    const counts: Record<string, number> = { one: 0, two: 0, three: 0 };
    for (let n = 0; n < 400; n += 1) {
      const { service } = await seen("weight.test");
      counts[service] = (counts[service] ?? 0) + 1;
    }
    expect(counts["three"]).toBe(0);
    // Of 400, 300 ± 5 standard deviations.
    expect(counts["one"]).toBeGreaterThan(255);
    expect(counts["one"]).toBeLessThan(345);
  });

  it("asks another backend where one refuses, unless asking twice would matter", async () => {
    for (let n = 0; n < 5; n += 1)
      expect(await seen("retry.test")).toMatchObject({ service: "one" });
    const posts = await Promise.all(
      Array.from({ length: 5 }, () => ask(lab.siteOf("retry.test"), { method: "POST", body: "x" })),
    );
    expect(posts.some(({ headers }) => headers["culvert-error"] === "backend_refused")).toBe(true);
  });

  it("says where a request came from, and takes nobody's word for it", async () => {
    const { headers } = await seen("x.shop.test", {
      headers: {
        "x-forwarded-for": "6.6.6.6",
        "x-forwarded-proto": "https",
        forwarded: "for=6.6.6.6",
        "x-real-ip": "6.6.6.6",
        connection: "keep-alive, x-hop",
        "x-hop": "1",
        te: "trailers",
      },
    });
    expect(headers).toMatchObject({
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-proto": "http",
      "x-forwarded-host": "x.shop.test",
      via: "1.1 culvert",
    });
    expect(headers["forwarded"]).toMatch(/for=127\.0\.0\.1/);
    expect(headers["x-hop"]).toBeUndefined();
    expect(headers["x-real-ip"]).toBeUndefined();
    expect(headers["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
  });
});
