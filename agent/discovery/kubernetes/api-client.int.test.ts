import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { describe, expect, it } from "vitest";
import { LOCALHOST_CERTIFICATE } from "#mux/transport/websocket/testing/localhost-certificate.ts";
import {
  startScriptedServer,
  type Exchange,
  type ScriptedServer,
} from "./testing/scripted-server.ts";

const PODS = "/api/v1/pods";
const list = (items: readonly object[], more?: string): object => ({
  metadata: { resourceVersion: "7", continue: more },
  items,
});

async function listAll({ api }: ScriptedServer): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const page of api.listPages(PODS, { limit: 2 })) items.push(...page.items);
  return items;
}

async function watchAll({ api }: ScriptedServer, silenceMs = 5_000): Promise<unknown[]> {
  const seen: unknown[] = [];
  const options = { resourceVersion: "7", timeoutSeconds: 60, silenceMs };
  for await (const event of await api.watch(PODS, options)) seen.push(event.type);
  return seen;
}

describe("lists", () => {
  it("are asked for page by page, until no page follows", async () => {
    const asked: (string | null)[] = [];
    const server = await startScriptedServer(({ url, send }) => {
      asked.push(url.searchParams.get("continue"));
      send(
        200,
        url.searchParams.has("continue") ? list([{ c: 3 }]) : list([{ a: 1 }, { b: 2 }], "x"),
      );
    });
    expect(await listAll(server)).toEqual([{ a: 1 }, { b: 2 }, { c: 3 }]);
    expect(asked).toEqual([null, "x"]);
  });

  it("whose next page has expired end with 410", async () => {
    const server = await startScriptedServer(({ url, send }) => {
      if (url.searchParams.has("continue")) send(410, { kind: "Status", reason: "Expired" });
      else send(200, list([{ a: 1 }], "x"));
    });
    await expect(listAll(server)).rejects.toMatchObject({ status: 410, code: "Expired" });
  });
});

describe("answers that are no success", () => {
  it.each([
    { status: 429, headers: { "retry-after": "3" }, code: "TooManyRequests", retryAfterMs: 3_000 },
    { status: 500, headers: {}, code: "InternalError", retryAfterMs: 0 },
    { status: 403, headers: {}, code: "Forbidden", retryAfterMs: 0 },
  ])("keep status, reason and patience: $status", async ({ headers, ...expected }) => {
    const { status, code: reason } = expected;
    const server = await startScriptedServer(({ send }) => send(status, { reason }, headers));
    await expect(server.api.get(PODS)).rejects.toMatchObject(expected);
  });

  it.each([
    ["is cut off", "ECONNRESET", ({ response }: Exchange) => cutOff(response)],
    ["is no JSON", "malformed", ({ response }: Exchange) => response.end("<html>")],
    ["never comes", "timeout", () => undefined],
    ["does not end", "timeout", ({ response }: Exchange) => response.write("{")],
  ])("are named when the answer %s", async (_what, code, answer) => {
    const server = await startScriptedServer((exchange) => void answer(exchange));
    await expect(server.api.get(PODS, { timeoutMs: 300 })).rejects.toMatchObject({
      status: 0,
      code,
    });
  });

  it("give way to the caller's own reason when it stops the call", async () => {
    const stop = new AbortController();
    const server = await startScriptedServer(() => stop.abort(new Error("enough")));
    await expect(server.api.get(PODS, { signal: stop.signal })).rejects.toThrow("enough");
  });
});

function cutOff(response: Exchange["response"]): void {
  response.writeHead(200, { "content-length": "100" });
  response.write("{", () => response.destroy());
}

const event = (type: string, version: string): string =>
  `${JSON.stringify({ type, object: { metadata: { name: "é", resourceVersion: version } } })}\n`;

describe("watches", () => {
  it("understand events however they are cut into pieces", async () => {
    const bytes = Buffer.from(event("ADDED", "8") + event("BOOKMARK", "9"));
    const server = await startScriptedServer(({ response }) => {
      const writeFrom = (at: number): void => {
        if (at >= bytes.length) response.end();
        else response.write(bytes.subarray(at, at + 7), () => setImmediate(writeFrom, at + 7));
      };
      writeFrom(0);
    });
    expect(await watchAll(server)).toEqual(["ADDED", "BOOKMARK"]);
  });

  it("never believe half a line", async () => {
    const server = await startScriptedServer(({ response }) => {
      response.end(event("ADDED", "8") + event("DELETED", "9").slice(0, -5));
    });
    expect(await watchAll(server)).toEqual(["ADDED"]);
  });

  it("end with an error when the connection breaks", async () => {
    const server = await startScriptedServer(({ response }) => {
      response.write(event("ADDED", "8"), () => server.dropAll());
    });
    await expect(watchAll(server)).rejects.toMatchObject({ status: 0, code: "ECONNRESET" });
  });

  it("end with the code of an error event", async () => {
    const error = { type: "ERROR", object: { kind: "Status", code: 410, reason: "Expired" } };
    const server = await startScriptedServer(({ response }) => {
      response.end(`${JSON.stringify(error)}\n`);
    });
    await expect(watchAll(server)).rejects.toMatchObject({ status: 410, code: "Expired" });
  });

  it("count as broken when nothing comes for too long", async () => {
    const server = await startScriptedServer(({ response }) => {
      response.write(event("ADDED", "8"));
    });
    await expect(watchAll(server, 200)).rejects.toMatchObject({ code: "silent" });
  });

  it("outlive the deadline for their beginning", async () => {
    const server = await startScriptedServer(({ response }) => {
      response.flushHeaders();
      setTimeout(() => response.end(event("ADDED", "8")), 400);
    });
    const options = { resourceVersion: "7", timeoutSeconds: 60, silenceMs: 5_000, timeoutMs: 200 };
    const events = await server.api.watch(PODS, options);
    expect((await events.next()).value).toMatchObject({ type: "ADDED" });
    await events.return(undefined);
  });
});

describe("credentials", () => {
  it("are read again at once when a token is refused", async () => {
    const server = await startScriptedServer(({ request, send }) => {
      if (request.headers.authorization === `Bearer ${valid}`) send(200, { ok: true });
      else send(401, { reason: "Unauthorized" });
    });
    let valid = "first";
    await server.api.get(PODS);
    valid = "second";
    await expect(server.api.get(PODS)).rejects.toMatchObject({ status: 401 });
    await writeFile(join(server.folder, "token"), "second");
    expect(await server.api.get(PODS)).toEqual({ ok: true });
  });

  it("follow a certificate authority that is replaced", async () => {
    const server = await startScriptedServer(({ send }) => send(200, { ok: true }));
    const authority = join(server.folder, "ca.crt");
    await writeFile(authority, rootCertificates[0] ?? "");
    await expect(server.api.get(PODS)).rejects.toMatchObject({ status: 0 });
    await writeFile(authority, LOCALHOST_CERTIFICATE.cert);
    expect(await server.api.get(PODS)).toEqual({ ok: true });
  });

  it("that cannot be read are named", async () => {
    const server = await startScriptedServer(({ send }) => send(200, {}));
    await rm(join(server.folder, "token"));
    await expect(server.api.get(PODS)).rejects.toMatchObject({ status: 0, code: "access" });
  });
});
