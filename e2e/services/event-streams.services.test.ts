import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../harness/process.ts";
import { open } from "./harness/http-client.ts";
import { HttpLab, type Site } from "./harness/http-lab.ts";
import { startHttpService, type HttpBackend } from "./harness/http-service.ts";

let service: HttpBackend;
let lab: HttpLab;
let site: Site;
/** Answers that the service keeps open, by path. */
const held = new Map<string, ServerResponse>();
const aborted: string[] = [];

function serve(request: IncomingMessage, response: ServerResponse): void {
  const path = request.url ?? "/";
  held.set(path, response);
  response.on("close", () => {
    if (!response.writableFinished) aborted.push(path);
  });
  if (path.startsWith("/poll")) return;
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-cache" });
  response.flushHeaders();
}

async function heldAt(path: string): Promise<ServerResponse> {
  return eventually(`the service was asked for ${path}`, async () => held.get(path));
}

const untilAborted = (path: string): Promise<true> =>
  eventually(`the service sees that ${path} is over`, async () =>
    aborted.includes(path) ? true : undefined,
  );

beforeAll(async () => {
  service = await startHttpService(serve);
  lab = await HttpLab.start({ services: [{ name: "events", port: service.port }] });
  site = lab.site("events");
});

afterAll(async () => {
  await lab.stop();
  await service.close();
});

describe("server-sent events", () => {
  it("come one by one, as they are said, after a head that waits for none of them", async () => {
    const answer = await open(site, { path: "/events" });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers["content-type"]).toBe("text/event-stream");
    const response = await heldAt("/events");
    for (const n of [1, 2, 3]) {
      const chunk = once(answer, "data");
      response.write(`id: ${n}\ndata: tick\n\n`);
      expect(String((await chunk)[0])).toBe(`id: ${n}\ndata: tick\n\n`);
    }
    const ended = once(answer, "end");
    response.end();
    await ended;
  });

  it("end at the service when the client goes away", async () => {
    const answer = await open(site, { path: "/left" });
    answer.on("error", () => {});
    answer.destroy();
    await untilAborted("/left");
  });

  it("break off at the client when the service does", async () => {
    const answer = await open(site, { path: "/broken" });
    const response = await heldAt("/broken");
    const chunk = once(answer, "data");
    response.write("data: last\n\n");
    await chunk;
    const error = once(answer, "error");
    response.destroy();
    expect((await error)[0]).toMatchObject({ code: "ECONNRESET" });
    expect(answer.complete).toBe(false);
  });

  it("come by HTTP/2, too, many at once on one connection", async () => {
    const session = connectHttp2(`http://127.0.0.1:${site.port}`);
    try {
      const paths = Array.from({ length: 50 }, (_, n) => `/many/${n}`);
      const streams = paths.map((path) =>
        session.request({ ":path": path, ":authority": site.host }).setEncoding("utf8"),
      );
      await Promise.all(streams.map((stream) => once(stream, "response")));
      for (const [n, path] of paths.entries()) {
        const chunk = once(streams[n] ?? session, "data");
        (await heldAt(path)).write(`data: ${n}\n\n`);
        expect((await chunk)[0]).toBe(`data: ${n}\n\n`);
      }
      session.destroy();
      await Promise.all(paths.map(untilAborted));
    } finally {
      session.destroy();
    }
  });
});

describe("a long poll", () => {
  it("is answered when the service has something to say", async () => {
    const answer = open(site, { path: "/poll/news" });
    (await heldAt("/poll/news")).end("news");
    expect((await answer).statusCode).toBe(200);
    (await answer).resume();
  });

  it("ends at the service when the client gives up before the answer", async () => {
    const session = connectHttp2(`http://127.0.0.1:${site.port}`);
    const stream = session.request({ ":path": "/poll/left", ":authority": site.host });
    stream.on("error", () => {});
    await heldAt("/poll/left");
    stream.close();
    await untilAborted("/poll/left");
    session.destroy();
  });

  it("is answered with 502 when the service hangs up instead", async () => {
    const answer = open(site, { path: "/poll/broken", method: "POST", body: "x" });
    (await heldAt("/poll/broken")).destroy();
    const { statusCode, headers } = await answer;
    expect({ statusCode, error: headers["culvert-error"] }).toEqual({
      statusCode: 502,
      error: "backend_failed",
    });
    (await answer).resume();
  });
});
