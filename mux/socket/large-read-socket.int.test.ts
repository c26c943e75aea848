import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { PassThrough } from "node:stream";
import { expect, it, onTestFinished } from "vitest";
import type { ByteSocket, ByteSocketHandler } from "./byte-socket.ts";
import { adoptSocket, dialSocket } from "./large-read-socket.ts";
import { BULK_READ_BYTES, ownBufferCount, READ_BUFFER_BYTES } from "./read-buffers.ts";

const OPTIONS = { keepAliveMs: 1000 };

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** Notes what a socket says; `until` waits for a state of it. */
class Recorder implements ByteSocketHandler {
  readonly chunks: Uint8Array[] = [];
  readonly calls: string[] = [];
  error: Error | null = null;
  #waiting: (() => void) | null = null;

  constructor(socket: ByteSocket) {
    socket.bind(this);
  }
  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }
  onData(chunk: Uint8Array): void {
    this.chunks.push(chunk);
    this.#note("data");
  }
  onEnd(): void {
    this.#note("end");
  }
  onDrain(): void {
    this.#note("drain");
  }
  onClose(error: Error | null): void {
    this.error = error;
    this.#note("close");
  }
  async until(isReached: () => boolean): Promise<void> {
    while (!isReached()) await new Promise<void>((resolve) => (this.#waiting = resolve));
  }
  #note(what: string): void {
    if (this.calls.at(-1) !== what) this.calls.push(what);
    this.#waiting?.();
  }
}

/** An accepted socket taken over, and the client at its other end. */
async function acceptOne(): Promise<{ server: Server; socket: ByteSocket; client: Socket }> {
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true });
  const port = await listen(server);
  const client = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  const [accepted] = (await once(server, "connection")) as [Socket];
  onTestFinished(() => void client.destroy());
  return { server, socket: adoptSocket(accepted, OPTIONS), client };
}

async function dialOne(): Promise<{ socket: ByteSocket; client: Socket }> {
  const server = createServer({ allowHalfOpen: true });
  const target = { port: await listen(server), host: "127.0.0.1" };
  const [[client], socket] = await Promise.all([
    once(server, "connection") as Promise<[Socket]>,
    dialSocket({ ...OPTIONS, target, timeoutMs: 2000 }),
  ]);
  onTestFinished(() => void client.destroy());
  return { socket, client };
}

const KINDS = [
  ["accepted", acceptOne],
  ["dialled", dialOne],
] as const;

it.each(KINDS)("%s: reads every byte, in reads larger than Node's own", async (_name, make) => {
  const { socket, client } = await make();
  const sent = randomBytes(16 * 1024 * 1024);
  client.end(sent);
  const recorder = new Recorder(socket);
  await recorder.until(() => recorder.calls.includes("end"));
  expect(recorder.bytes.equals(sent)).toBe(true);
  const largest = Math.max(...recorder.chunks.map((chunk) => chunk.byteLength));
  expect(largest).toBeGreaterThan(64 * 1024);
  expect(largest).toBeLessThanOrEqual(READ_BUFFER_BYTES);
  socket.destroy();
});

it.each(KINDS)("%s: reads nothing before it is bound and keeps what came", async (_name, make) => {
  const { socket, client } = await make();
  client.write("early");
  await new Promise((resolve) => setTimeout(resolve, 20));
  const recorder = new Recorder(socket);
  await recorder.until(() => recorder.bytes.length === 5);
  expect(recorder.bytes.toString()).toBe("early");
  socket.destroy();
});

it.each(KINDS)("%s: keeps a half-close in both directions", async (_name, make) => {
  const { socket, client } = await make();
  const recorder = new Recorder(socket);
  client.end("question");
  await recorder.until(() => recorder.calls.includes("end"));
  socket.write(Buffer.from("answer"));
  socket.end();
  const [answer] = (await once(client, "data")) as [Buffer];
  expect(answer.toString()).toBe("answer");
  await recorder.until(() => recorder.calls.includes("close"));
  expect([recorder.calls, recorder.error]).toEqual([["data", "end", "close"], null]);
});

it.each(KINDS)("%s: stops the peer while it is paused, and goes on", async (_name, make) => {
  const { socket, client } = await make();
  const recorder = new Recorder(socket);
  socket.pause();
  const sent = randomBytes(32 * 1024 * 1024);
  client.end(sent);
  await expect.poll(() => client.writableLength).toBeGreaterThan(0);
  expect(recorder.calls).toEqual([]);
  socket.resume();
  await recorder.until(() => recorder.calls.includes("end"));
  expect(recorder.bytes.equals(sent)).toBe(true);
  socket.destroy();
});

it.each(KINDS)("%s: says stop above its bound and drains", async (_name, make) => {
  const { socket, client } = await make();
  const recorder = new Recorder(socket);
  client.pause();
  let sentBytes = 0;
  const chunk = Buffer.alloc(1024 * 1024);
  do sentBytes += chunk.byteLength;
  while (socket.write(chunk));
  expect([socket.hasRoom, socket.unsentBytes > 0]).toEqual([false, true]);
  client.resume();
  await recorder.until(() => recorder.calls.includes("drain"));
  expect([socket.hasRoom, socket.unsentBytes]).toEqual([true, 0]);
  await expect.poll(() => client.bytesRead).toBe(sentBytes);
  socket.destroy();
});

it.each(KINDS)("%s: tells a reset by the peer", async (_name, make) => {
  const { socket, client } = await make();
  const recorder = new Recorder(socket);
  client.resetAndDestroy();
  await recorder.until(() => recorder.calls.includes("close"));
  expect(recorder.error).toMatchObject({ code: "ECONNRESET" });
});

it.each(KINDS)("%s: resets so that the peer sees it", async (_name, make) => {
  const { socket, client } = await make();
  new Recorder(socket);
  socket.reset();
  const [error] = (await once(client, "error")) as [Error];
  expect(error).toMatchObject({ code: "ECONNRESET" });
});

it.each(KINDS)("%s: closes when it is reset right after its end", async (_name, make) => {
  const { socket, client } = await make();
  const recorder = new Recorder(socket);
  client.on("error", () => {}); // It hears of the reset, or of the end alone.
  socket.end();
  socket.reset();
  await recorder.until(() => recorder.calls.includes("close"));
  expect(recorder.error).toBeNull();
});

it.each(KINDS)("%s: tells a close that came before it was bound", async (_name, make) => {
  const { socket } = await make();
  socket.destroy();
  await new Promise((resolve) => setTimeout(resolve, 10));
  const recorder = new Recorder(socket);
  await recorder.until(() => recorder.calls.includes("close"));
  expect(recorder.error).toBeNull();
});

it("lets the server count its connections", async () => {
  const { server, socket } = await acceptOne();
  const countOpen = () =>
    new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
  expect(await countOpen()).toBe(1);
  expect(socket.remoteAddress).toBe("127.0.0.1");
  socket.destroy();
  await expect.poll(countOpen).toBe(0);
});

it("delivers the head and what Node had read already before anything else", async () => {
  const server = createServer();
  const port = await listen(server);
  const client = connect(port, "127.0.0.1");
  const [accepted] = (await once(server, "connection")) as [Socket];
  client.write("two ");
  await once(accepted, "readable");
  const socket = adoptSocket(accepted, OPTIONS, Buffer.from("one "));
  client.end("three");
  const recorder = new Recorder(socket);
  await recorder.until(() => recorder.calls.includes("end"));
  expect(recorder.bytes.toString()).toBe("one two three");
  socket.destroy();
});

it("uses a stream that has no handle as it is", async () => {
  const stream = new PassThrough();
  const recorder = new Recorder(adoptSocket(stream, OPTIONS));
  stream.end("looped");
  await recorder.until(() => recorder.calls.includes("close"));
  expect(recorder.bytes.toString()).toBe("looped");
});

it("tells why a dial failed", async () => {
  const server = createServer();
  const port = await listen(server);
  server.close();
  await once(server, "close");
  const target = { port, host: "127.0.0.1" };
  await expect(dialSocket({ ...OPTIONS, target, timeoutMs: 1000 })).rejects.toMatchObject({
    code: "ECONNREFUSED",
  });
  const signal = AbortSignal.abort(new Error("stop"));
  await expect(dialSocket({ ...OPTIONS, target, timeoutMs: 1000, signal })).rejects.toThrow("stop");
});

it("gives up on a dial at its deadline", async () => {
  // A name look-up that never answers stands for every way of hearing nothing.
  const target = { port: 1, host: "never.test", lookup: () => undefined };
  await expect(dialSocket({ ...OPTIONS, target, timeoutMs: 30 })).rejects.toMatchObject({
    code: "ETIMEDOUT",
  });
});

it("lends bytes to a handler that borrows and gives the memory back when the socket is gone", async () => {
  const { socket, client } = await dialOne();
  const memory = new Set<ArrayBufferLike>();
  let readBytes = 0;
  const closed = new Promise<void>((resolve) => {
    socket.bind({
      borrows: true,
      onData: (chunk) => {
        readBytes += chunk.byteLength;
        if (chunk.byteLength > BULK_READ_BYTES) memory.add(chunk.buffer);
      },
      onEnd: () => socket.end(),
      onDrain: () => undefined,
      onClose: () => resolve(),
    });
  });
  client.end(Buffer.alloc(16 * 1024 * 1024));
  await closed;
  expect(readBytes).toBe(16 * 1024 * 1024);
  // The first bulk read is copied out of the common buffer; all others share one.
  expect(memory.size).toBeLessThan(10);
  expect(ownBufferCount()).toBe(0);
});
