import { once } from "node:events";
import { createServer, request } from "node:http";
import { buffer, text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { createSessionPair } from "#mux/testing/session-pair.ts";
import type { MuxStream } from "./mux-stream.ts";
import { StreamDuplex } from "./stream-duplex.ts";

/** Both ends of one stream, over a link in memory that delivers by itself. */
function setUp() {
  const pair = createSessionPair({ isAutomatic: true });
  const near = pair.server.session.openStream();
  const far = new Promise<MuxStream>((resolve) => {
    const look = (): void => {
      const [stream] = pair.client.accepted;
      if (stream === undefined) setImmediate(look);
      else resolve(stream);
    };
    look();
  });
  return { pair, near, far };
}

async function duplexes() {
  const { pair, near, far } = setUp();
  return { pair, near: new StreamDuplex(near), far: new StreamDuplex(await far) };
}

describe("a stream as a Node duplex", () => {
  it("carries bytes both ways, and ends each way in order", async () => {
    const { near, far } = await duplexes();
    near.write("head ");
    near.end("body");
    expect(await text(far)).toBe("head body");
    expect(far.writableEnded).toBe(true);
    expect(await text(near)).toBe("");
  });

  it("holds no more than its marks and the window while nobody reads", async () => {
    const { near, far } = await duplexes();
    const chunk = Buffer.alloc(64 * 1024, 1);
    let writtenBytes = 0;
    while (near.write(chunk) || near.writableLength < 1024 * 1024) {
      writtenBytes += chunk.byteLength;
      if (writtenBytes > 64 * 1024 * 1024) break;
      await new Promise((resolve) => setImmediate(resolve));
    }
    // A window of 1 MiB, the stream's own bound, and what a writer that does not stop piles up itself.
    expect(writtenBytes).toBeLessThan(4 * 1024 * 1024);
    near.end();
    expect((await buffer(far)).byteLength).toBeGreaterThanOrEqual(writtenBytes);
  });

  it("breaks when the other end resets, and resets when it is destroyed", async () => {
    const { near, far } = await duplexes();
    const broken = once(far, "error");
    near.destroy();
    expect(await broken).toMatchObject([{ code: "ECONNRESET", why: "reset_by_peer" }]);
  });

  it("breaks when the other end speaks while it is idle, and delivers nothing of it", async () => {
    const { near, far } = await duplexes();
    const heard: Buffer[] = [];
    near.on("data", (chunk: Buffer) => heard.push(chunk));
    near.isIdle = true;
    const [closed, broken] = [once(near, "close"), once(far, "error")];
    far.write("unasked");
    await closed;
    expect(await broken).toMatchObject([{ why: "reset_by_peer" }]);
    expect(heard).toEqual([]);
  });

  it("gives the stream back with what nobody has read", async () => {
    const { pair, near, far } = setUp();
    const stream = await far;
    stream.write(Buffer.from("one two"));
    const duplex = new StreamDuplex(near);
    await once(duplex, "readable");
    const { stream: returned, unread } = duplex.detach();
    expect(Buffer.from(unread).toString()).toBe("one two");
    const heard: string[] = [];
    returned.bind({
      onData: (chunk) => void heard.push(Buffer.from(chunk).toString()),
      onBatchEnd: () => undefined,
      onEnd: () => undefined,
      onDrain: () => undefined,
      onClose: () => undefined,
    });
    stream.write(Buffer.from("three"));
    while (heard.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(heard).toEqual(["three"]);
    expect(pair.server.closes).toEqual([]);
  });

  it("lets Node's HTTP client and server talk over it", async () => {
    const { near, far } = await duplexes();
    const server = createServer((asked, answer) => {
      void text(asked).then((body) => answer.end(`${asked.url} ${body}`));
    });
    server.emit("connection", far);
    const asked = request({ createConnection: () => near, path: "/x", method: "POST" });
    asked.end("body");
    const [answer] = (await once(asked, "response")) as [AsyncIterable<Uint8Array>];
    expect(await text(answer)).toBe("/x body");
  });
});
