import { spawn } from "node:child_process";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { ConnectionId, TunnelId } from "#protocol/api/ids.ts";
import { encodeStreamHeader } from "#protocol/control/stream-header.ts";
import { MUX_LIMITS } from "#mux/limits.ts";
import { startEcho, startService } from "../testing/services.ts";
import { TestStream } from "../testing/test-hub.ts";
import {
  at,
  backend,
  cleanups,
  findClosedPort,
  keep,
  setup,
  TARGET,
} from "./testing/forwarder-harness.ts";

describe("the header", () => {
  it("may come in any pieces", async () => {
    const echo = await keep(startEcho());
    const { relay } = setup([at(echo.port)]);
    const stream = relay.session.openStream();
    const header = encodeStreamHeader({
      kind: "tcp",
      target: TARGET,
      tunnelId: TunnelId.parse("tn_00000001"),
      connectionId: ConnectionId.parse("cn_00000001"),
      clientAddress: "x",
      connectTimeoutMs: 1_000,
    });
    const test = new TestStream(stream);
    for (const byte of Buffer.concat([header, Buffer.from("hello")])) stream.write(Buffer.of(byte));
    stream.end();
    expect(await test.text).toBe("hello");
  });

  it.each([
    ["another version", Buffer.from([1, 0, 2, 0x7b, 0x7d])],
    ["a length above its bound", Buffer.from([2, 0xff, 0xff])],
    ["no JSON", Buffer.from([2, 0, 2, 0x7b, 0x7b])],
    ["JSON of another shape", Buffer.from([2, 0, 2, 0x7b, 0x7d])],
  ])("that is wrong resets the stream: %s", async (_what, bytes) => {
    const { relay, forwarder } = setup([]);
    const stream = relay.session.openStream();
    const test = new TestStream(stream);
    stream.write(bytes);
    expect(await test.end).toBe("reset_by_peer");
    expect(forwarder.counters).toMatchObject({ open: 0, total: 0, failed: 0 });
  });

  it("that never comes, or ends half-way, resets the stream", async () => {
    const { relay } = setup([], { headerTimeoutMs: 20 });
    const silent = new TestStream(relay.session.openStream());
    expect(await silent.end).toBe("reset_by_peer");
    const stream = relay.session.openStream();
    const half = new TestStream(stream);
    stream.write(Buffer.from([2, 0]));
    stream.end();
    expect(await half.end).toBe("reset_by_peer");
  });
});

describe("dialling", () => {
  it("tries the next address when one refuses", async () => {
    const echo = await keep(startEcho());
    const { open } = setup([at(await findClosedPort()), at(echo.port)]);
    expect((await open().reply).status).toBe("ok");
  });

  it("says what the last address said when all refuse", async () => {
    const { open, forwarder } = setup([at(await findClosedPort()), at(await findClosedPort())]);
    expect((await open().reply).status).toBe("refused");
    expect(forwarder.counters).toMatchObject({ open: 0, total: 1, failed: 1 });
  });

  it("resolves a name at each dial", async () => {
    const echo = await keep(startEcho());
    const asked: string[] = [];
    const resolveName = (host: string): Promise<string[]> => {
      asked.push(host);
      return Promise.resolve(["127.0.0.1"]);
    };
    const { open } = setup([at(echo.port, "db.internal")], { resolveName });
    await open().reply;
    await open().reply;
    expect(asked).toEqual(["db.internal", "db.internal"]);
  });

  it("never dials a forbidden address that a name leads to, and takes the others", async () => {
    const echo = await keep(startEcho());
    const leads = (to: string[]) => ({ resolveName: () => Promise.resolve(to) });
    const bad = setup(
      [at(echo.port, "sly.internal")],
      leads(["169.254.169.254", "::ffff:169.254.169.254"]),
    );
    expect((await bad.open().reply).status).toBe("forbidden");
    const mixed = setup([at(echo.port, "mixed.internal")], leads(["169.254.169.254", "127.0.0.1"]));
    expect((await mixed.open().reply).status).toBe("ok");
  });

  it.each([
    ["ENOTFOUND", "not_found"],
    ["ENODATA", "not_found"],
    ["EAI_AGAIN", "failed"],
  ])("answers a name that fails with %s: %s", async (code, status) => {
    const resolveName = () => Promise.reject(Object.assign(new Error(code), { code }));
    const { open } = setup([at(1, "db.internal")], { resolveName });
    expect((await open().reply).status).toBe(status);
  });

  it("gives up on a resolver that does not answer", async () => {
    const { open } = setup([at(1, "db.internal")], {
      resolveName: () => new Promise(() => undefined),
    });
    expect((await open({ connectTimeoutMs: 20 }).reply).status).toBe("timeout");
  });

  it("gives up on a service that does not accept", async () => {
    // A stopped process with a full backlog: the kernel drops a further SYN without a word.
    const program = `const server = require("node:net").createServer();
      server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => console.log(server.address().port));`;
    const child = spawn(process.execPath, ["-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    cleanups.push(() => void child.kill("SIGKILL"));
    const port = await new Promise<number>((resolve) => {
      child.stdout.once("data", (text: Buffer) => resolve(Number(text.toString())));
    });
    child.kill("SIGSTOP");
    const fillers = Array.from({ length: 8 }, () => connect({ port, host: "127.0.0.1" }));
    cleanups.push(() => fillers.forEach((socket) => socket.destroy()));
    for (const socket of fillers) socket.on("error", () => socket.destroy());
    await new Promise((resolve) => fillers[0]?.once("connect", resolve));
    const { open } = setup([at(port)]);
    const statuses = new Set<string>();
    // The first may still fit in; those after it do not.
    for (let n = 0; n < 4; n += 1)
      statuses.add((await open({ connectTimeoutMs: 300 }).reply).status);
    expect(statuses).toContain("timeout");
  });

  it("tells that no backend is ready, and why", async () => {
    const { open } = setup([], { findTargets: () => [backend([], false)] });
    expect(await open().reply).toEqual({
      status: "no_backend",
      message: "Service shop/db has no ready endpoint.",
    });
  });

  it("refuses to forward datagrams to a TCP listener", async () => {
    const { open } = setup([at(1)]);
    expect((await open({ kind: "udp" }).reply).status).toBe("forbidden");
  });
});

describe("a stream that names its backend", () => {
  const named = (name: string) => ({ namespace: "shop", name, port: 5432 });
  const web = { ...TARGET, protocol: "http" } as const;

  it("is carried to that one, on an HTTP listener too", async () => {
    const echo = await keep(startEcho());
    const other = { ...backend([at(await findClosedPort())]), name: "other", weight: 1_000 };
    const copy = { ...backend([at(echo.port)]), name: "copy", weight: 0 };
    const { open } = setup([], { findTargets: () => [other, copy] });
    const { raw, reply, stream } = open({ target: web, backend: named("copy") });
    expect((await reply).status).toBe("ok");
    raw.write(Buffer.from("hello"));
    raw.end();
    expect(await stream.text).toBe("hello");
    expect((await open({ target: web, backend: named("other") }).reply).status).toBe("refused");
  });

  it("is refused when the listener has no such backend, however real the Service is", async () => {
    const echo = await keep(startEcho());
    const { open } = setup([at(echo.port)]);
    expect((await open({ backend: named("secrets") }).reply).status).toBe("forbidden");
    expect((await open({ backend: { ...named("db"), port: 22 } }).reply).status).toBe("forbidden");
    expect(echo.sockets).toHaveLength(0);
  });

  it("tells that this one is not ready, and takes no other", async () => {
    const echo = await keep(startEcho());
    const ready = { ...backend([at(echo.port)]), name: "ready" };
    const { open } = setup([], { findTargets: () => [ready, backend([], false)] });
    expect(await open({ backend: named("db") }).reply).toEqual({
      status: "no_backend",
      message: "Service shop/db has no ready endpoint.",
    });
  });
});

describe("before the service has answered", () => {
  it("holds one window of the client's bytes and no more, then passes them all on", async () => {
    const echo = await keep(startService((socket) => void socket.resume()));
    const dial = Promise.withResolvers<string[]>();
    const { open, forwarder } = setup([at(echo.port, "slow.internal")], {
      resolveName: () => dial.promise,
    });
    const { raw, reply, end } = open();
    const chunk = Buffer.alloc(64 * 1024, 7);
    const total = 4 * MUX_LIMITS.windowBytes;
    let written = 0;
    while (written < total) {
      raw.write(chunk);
      written += chunk.byteLength;
    }
    raw.end();
    await expect.poll(() => raw.bytesSent).toBe(MUX_LIMITS.windowBytes);
    // A round trip later it is still what the window allows.
    await expect.poll(() => forwarder.counters.open).toBe(1);
    expect(raw.bytesSent).toBe(MUX_LIMITS.windowBytes);
    dial.resolve(["127.0.0.1"]);
    expect((await reply).status).toBe("ok");
    const [socket] = echo.sockets;
    const ended = new Promise<void>((resolve) => {
      if (socket?.readableEnded === true) resolve();
      else socket?.once("end", resolve);
    });
    await ended;
    expect(socket?.bytesRead).toBe(total);
    socket?.end();
    expect(await end).toBe("ended");
  });

  it("drops the dial when the client goes away", async () => {
    const echo = await keep(startEcho());
    const dial = Promise.withResolvers<string[]>();
    const { open, forwarder } = setup([at(echo.port, "slow.internal")], {
      resolveName: () => dial.promise,
    });
    const { raw } = open();
    await expect.poll(() => forwarder.counters.open).toBe(1);
    raw.reset();
    dial.resolve(["127.0.0.1"]);
    await expect.poll(() => forwarder.counters.open).toBe(0);
    for (const socket of echo.sockets) await expect.poll(() => socket.destroyed).toBe(true);
  });
});

describe("afterwards", () => {
  it("counts down when connections end, however they end", async () => {
    const echo = await keep(startEcho());
    const { open, forwarder } = setup([at(echo.port)]);
    const [ended, reset, cut] = [open(), open(), open()];
    for (const { reply } of [ended, reset, cut]) await reply;
    expect(forwarder.counters).toMatchObject({ open: 3, total: 3, failed: 0 });
    ended.raw.end();
    await ended.end;
    reset.raw.reset();
    echo.sockets[2]?.resetAndDestroy();
    await cut.end;
    await expect.poll(() => forwarder.counters.open).toBe(0);
    const closed = forwarder.counters.closedBy
      .list()
      .map(({ labels, count }) => [labels.reason, count]);
    expect(Object.fromEntries(closed)).toMatchObject({
      completed: 1,
      stream_reset: 1,
      socket_reset: 1,
    });
    expect(forwarder.counters.durations.count).toBe(3);
  });

  it("counts bytes both ways, also of what is still open", async () => {
    const echo = await keep(startEcho());
    const { open, forwarder } = setup([at(echo.port)]);
    const [lasting, ending] = [open(), open()];
    for (const { raw, reply } of [lasting, ending]) {
      await reply;
      raw.write(Buffer.from("twelve bytes"));
    }
    await expect.poll(() => forwarder.counters.readBytes()).toEqual({ in: 24, out: 24 });
    ending.raw.end();
    await ending.end;
    await expect.poll(() => forwarder.counters.open).toBe(1);
    expect(forwarder.counters.readBytes()).toEqual({ in: 24, out: 24 });
  });
});
