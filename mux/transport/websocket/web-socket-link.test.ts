import { setImmediate as nextLoop } from "node:timers/promises";
import { expect, it, onTestFinished, vi } from "vitest";
import { BULK_READ_BYTES, READ_BUFFER_BYTES, ReadBuffers } from "#mux/socket/read-buffers.ts";
import { FakeByteSocket, FAKE_HIGH_WATER_BYTES } from "#mux/socket/testing/fake-byte-socket.ts";
import type { ByteReceiver } from "../byte-transport.ts";
import { FrameReader } from "./frame-reader.ts";
import { closePayload, rawFrame } from "./testing/raw-frame.ts";
import {
  MAX_EARLY_BINARY_BYTES,
  WebSocketLink,
  type WebSocketLinkClose,
  type WebSocketLinkOptions,
} from "./web-socket-link.ts";

const KEY = 0x01020304;
const CLOSE_TIMEOUT_MS = 5_000;

class Recorder implements ByteReceiver {
  readonly calls: string[] = [];
  onData(chunk: Uint8Array): void {
    this.calls.push(`data ${Buffer.from(chunk).toString()}`);
  }
  onBatchEnd(): void {
    this.calls.push("batch");
  }
  onDrain(): void {
    this.calls.push("drain");
  }
  onClose(): void {
    this.calls.push("close");
  }
}

async function setUp(overrides: Partial<WebSocketLinkOptions> = {}) {
  const socket = new FakeByteSocket();
  const texts: string[] = [];
  const closes: WebSocketLinkClose[] = [];
  const role = overrides.role ?? "server";
  const link = new WebSocketLink({
    socket,
    role,
    maskWithZero: false,
    maxTextBytes: 1000,
    closeTimeoutMs: CLOSE_TIMEOUT_MS,
    handler: { onText: (text) => texts.push(text), onClose: (close) => closes.push(close) },
    ...overrides,
  });
  await nextLoop();
  const receive = (first: number, payload: Uint8Array | string = ""): void =>
    socket.receive(rawFrame({ first, payload, key: role === "server" ? KEY : null }));
  return { socket, link, texts, closes, receive };
}

/** What the other side would read of what the link sent. */
function readSent(socket: FakeByteSocket, sender: "client" | "server"): (string | number)[][] {
  const said: (string | number)[][] = [];
  const reader = new FrameReader({
    role: sender === "server" ? "client" : "server",
    maxTextBytes: 10_000,
    sink: {
      onBinary: (chunk) => said.push(["binary", Buffer.from(chunk).toString()]),
      onText: (text) => said.push(["text", text]),
      onPing: (payload) => said.push(["ping", Buffer.from(payload).toString()]),
      onCloseFrame: (code, reason) => said.push(["close", code, reason]),
      onFault: (code) => said.push(["fault", code]),
    },
  });
  reader.read(Buffer.from(socket.sentBytes));
  return said;
}

function useFakeTimers(): void {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
}

it("hands binary payload to the receiver and ends the batch once a read", async () => {
  const { socket, link } = await setUp();
  const recorder = new Recorder();
  link.binary.bind(recorder);
  await nextLoop();
  const frames = ["a", "b"].map((payload) => rawFrame({ first: 0x82, payload, key: KEY }));
  socket.receive(Buffer.concat(frames));
  expect(recorder.calls).toEqual(["data a", "data b", "batch"]);
});

it("does not end a batch that brought no binary payload", async () => {
  const { link, receive } = await setUp();
  const recorder = new Recorder();
  link.binary.bind(recorder);
  await nextLoop();
  receive(0x81, "text");
  expect(recorder.calls).toEqual([]);
});

it("keeps early binary bytes for the receiver, in order, and not during bind", async () => {
  const { link, receive } = await setUp();
  receive(0x82, "a");
  const recorder = new Recorder();
  link.binary.bind(recorder);
  receive(0x82, "b");
  expect(recorder.calls).toEqual([]);
  await nextLoop();
  receive(0x82, "c");
  expect(recorder.calls).toEqual(["data ab", "batch", "data c", "batch"]);
});

it("copies early bytes, so that the memory of the read serves again", async () => {
  const { socket, link } = await setUp();
  const buffers = new ReadBuffers();
  buffers.deliver(READ_BUFFER_BYTES, () => undefined);
  const lent = buffers.next;
  const frame = rawFrame({ first: 0x82, payload: Buffer.alloc(BULK_READ_BYTES, "e"), key: KEY });
  lent.set(frame);
  buffers.deliver(frame.length, (chunk) => socket.receive(chunk));
  lent.fill(0);
  const recorder = new Recorder();
  link.binary.bind(recorder);
  await nextLoop();
  expect(recorder.calls[0] === `data ${"e".repeat(BULK_READ_BYTES)}`).toBe(true);
  buffers.release();
});

it("keeps thousands of tiny early messages in few pieces", async () => {
  const { link, receive } = await setUp();
  for (let i = 0; i < 20_000; i += 1) receive(0x82, "x");
  const recorder = new Recorder();
  link.binary.bind(recorder);
  await nextLoop();
  expect(recorder.calls.length).toBeLessThan(10);
});

it("closes a peer that makes it answer and never reads", async () => {
  const { socket, link } = await setUp({ maxTextBytes: 2 * 1024 * 1024 });
  socket.takesWrites = false;
  const text = "x".repeat(1024 * 1024);
  let sent = 0;
  while (link.isOpen && sent < 100) {
    link.sendText(text);
    sent += 1;
  }
  expect(sent).toBeLessThan(40);
  socket.drain();
  expect(socket.isEnded).toBe(true);
});

it("closes a peer that sends more than the bound before anybody listens", async () => {
  const { socket, receive } = await setUp();
  receive(0x82, new Uint8Array(MAX_EARLY_BINARY_BYTES));
  expect(socket.isEnded).toBe(false);
  receive(0x82, "x");
  expect(readSent(socket, "server")[0]?.slice(0, 2)).toEqual(["close", 1008]);
  expect(socket.isEnded).toBe(true);
});

it("sends header and payload as one message, as one system call and without copying a large payload", async () => {
  const { socket, link } = await setUp();
  const payload = new Uint8Array(64 * 1024).fill(0x70);
  link.binary.write(Buffer.from("head"), payload);
  expect(socket.flushCount).toBe(1);
  expect(socket.sent[1]).toBe(payload);
  expect(socket.sent).toHaveLength(2);
  const [message] = readSent(socket, "server");
  expect(message?.[1] === `head${"p".repeat(64 * 1024)}`).toBe(true);
});

it.each([
  ["a small payload", 10, false],
  ["a large payload", 10_000, false],
  ["a large payload and the key zero", 10_000, true],
])("masks as a client: %s", async (_name, payloadBytes, maskWithZero) => {
  const { socket, link } = await setUp({ role: "client", maskWithZero });
  const payload = new Uint8Array(payloadBytes).fill(0x70);
  link.binary.write(Buffer.from("head"), payload);
  link.sendText("täxt");
  const said = readSent(socket, "client");
  expect(
    said
      .filter(([what]) => what === "binary")
      .map(([, text]) => text)
      .join(""),
  ).toBe(`head${"p".repeat(payloadBytes)}`);
  expect(said.at(-1)).toEqual(["text", "täxt"]);
  // The caller's bytes are its own: masking never happens in place.
  expect(payload.every((byte) => byte === 0x70)).toBe(true);
});

it("uses another mask key for every frame", async () => {
  const { socket, link } = await setUp({ role: "client" });
  for (let round = 0; round < 20; round += 1) link.sendText("");
  const keys = socket.sent.map((frame) => Buffer.from(frame).readUInt32BE(2));
  expect(new Set(keys).size).toBeGreaterThan(15);
});

it("answers write with false above the high-water mark and tells when it is drained", async () => {
  const { socket, link } = await setUp();
  const recorder = new Recorder();
  link.binary.bind(recorder);
  await nextLoop();
  socket.takesWrites = false;
  expect(link.binary.write(new Uint8Array(10))).toBe(true);
  expect(link.binary.write(new Uint8Array(12), new Uint8Array(FAKE_HIGH_WATER_BYTES))).toBe(false);
  expect(link.binary.bufferedBytes).toBeGreaterThan(FAKE_HIGH_WATER_BYTES);
  socket.drain();
  expect(recorder.calls).toEqual(["drain"]);
  expect(link.binary.bufferedBytes).toBe(0);
});

it("answers pings with the same payload", async () => {
  const { socket, receive } = await setUp();
  receive(0x89, "are you there");
  const pong = Buffer.from(socket.sentBytes);
  expect(pong[0]).toBe(0x8a);
  expect(pong.subarray(2).toString()).toBe("are you there");
});

it("answers the latest ping only while a peer does not read", async () => {
  const { socket, link, receive } = await setUp();
  socket.takesWrites = false;
  link.binary.write(new Uint8Array(12), new Uint8Array(70_000));
  const unsent = socket.unsentBytes;
  for (let round = 0; round < 100; round += 1) receive(0x89, `ping ${round}`);
  expect(socket.unsentBytes).toBe(unsent);
  socket.drain();
  expect(
    Buffer.from(socket.sent.at(-1) ?? [])
      .subarray(2)
      .toString(),
  ).toBe("ping 99");
});

it("notes when it last heard anything", async () => {
  const { link, receive } = await setUp();
  const before = link.lastReceivedAt;
  await new Promise((resolve) => setTimeout(resolve, 2));
  receive(0x8a);
  expect(link.lastReceivedAt).toBeGreaterThan(before);
});

it("raises the bound on text when it is told to", async () => {
  const { link, texts, receive } = await setUp();
  link.maxTextBytes = 5000;
  receive(0x81, "x".repeat(4000));
  expect(texts).toHaveLength(1);
  receive(0x81, "x".repeat(5001));
  expect(link.isOpen).toBe(false);
});

it("closes when asked: close frame, the peer's answer, then the socket", async () => {
  const { socket, link, closes, receive } = await setUp();
  const recorder = new Recorder();
  link.binary.bind(recorder);
  await nextLoop();
  link.close(4409, "replaced by a newer link");
  link.close(1000, "again");
  expect(readSent(socket, "server")).toEqual([["close", 4409, "replaced by a newer link"]]);
  expect(socket.isEnded).toBe(false);
  receive(0x88, closePayload(4409));
  expect(socket.isEnded).toBe(true);
  expect(closes).toEqual([]);
  socket.close(null);
  expect(closes).toEqual([{ code: 4409, reason: "", wasClean: true }]);
  expect(recorder.calls).toEqual(["close"]);
});

it("sends and delivers nothing any more once it is closing", async () => {
  const { socket, link, texts, receive } = await setUp();
  const recorder = new Recorder();
  link.binary.bind(recorder);
  await nextLoop();
  link.close(1000, "");
  const sentBytes = socket.sentBytes.length;
  expect(link.sendText("late")).toBe(false);
  expect(link.binary.write(new Uint8Array(12))).toBe(true);
  link.sendPing();
  receive(0x81, "late");
  receive(0x82, "late");
  receive(0x89, "late");
  expect([socket.sentBytes.length, texts.length, recorder.calls.length]).toEqual([sentBytes, 0, 0]);
});

it.each([
  ["server", [1001, "bye"], 1001, true],
  ["client", [1001, "bye"], 1001, false],
] as const)("echoes the peer's close as a %s", async (role, [code, reason], echoed, isEnded) => {
  const { socket, closes, receive } = await setUp({ role });
  receive(0x88, closePayload(code, reason));
  expect(readSent(socket, role)).toEqual([["close", echoed, ""]]);
  // The server lets go first.
  expect(socket.isEnded).toBe(isEnded);
  socket.receiveEnd();
  expect(socket.isEnded).toBe(true);
  socket.close(null);
  expect(closes).toEqual([{ code, reason, wasClean: true }]);
});

it("answers an empty close with an empty close", async () => {
  const { socket, closes, receive } = await setUp();
  receive(0x88);
  expect([...socket.sentBytes]).toEqual([0x88, 0]);
  socket.close(null);
  expect(closes).toEqual([{ code: 1005, reason: "", wasClean: true }]);
});

it("closes with the fault's code when the peer breaks the protocol, and ends the socket", async () => {
  const { socket, closes, receive } = await setUp();
  receive(0xc1, "x");
  expect(readSent(socket, "server")[0]?.slice(0, 2)).toEqual(["close", 1002]);
  expect(socket.isEnded).toBe(true);
  receive(0x88, closePayload(1000));
  socket.close(null);
  expect(closes).toMatchObject([{ code: 1002, wasClean: false }]);
});

it("cuts a reason that is too long for a close frame between two characters", async () => {
  const { socket, link } = await setUp();
  link.close(4000, `${"x".repeat(122)}ß`);
  expect(readSent(socket, "server")).toEqual([["close", 4000, "x".repeat(122)]]);
});

it.each(["close()", "peer's close", "fault", "end of the socket"])(
  "drops a socket that stays after %s, at the deadline and not before",
  async (what) => {
    const { socket, link, closes, receive } = await setUp({ role: "client" });
    useFakeTimers();
    if (what === "close()") link.close(1000, "");
    if (what === "peer's close") receive(0x88, closePayload(1000));
    if (what === "fault") receive(0xff);
    if (what === "end of the socket") socket.receiveEnd();
    vi.advanceTimersByTime(CLOSE_TIMEOUT_MS - 1);
    expect(socket.isClosed).toBe(false);
    vi.advanceTimersByTime(1);
    expect(socket.isClosed).toBe(true);
    expect(closes).toHaveLength(1);
  },
);

it("reports 1006 when the socket goes away without a word, and leaves no timer", async () => {
  const { socket, link, closes } = await setUp();
  useFakeTimers();
  link.close(1000, "");
  socket.close(new Error("reset"));
  expect(closes).toEqual([{ code: 1006, reason: "", wasClean: false }]);
  expect(vi.getTimerCount()).toBe(0);
});

it("drops the socket at once when destroyed, and tells once", async () => {
  const { link, closes } = await setUp();
  const recorder = new Recorder();
  link.binary.bind(recorder);
  await nextLoop();
  link.destroy();
  link.destroy();
  expect(closes).toEqual([{ code: 1006, reason: "", wasClean: false }]);
  expect(recorder.calls).toEqual(["close"]);
});

it("tells a receiver that is bound after the close", async () => {
  const { socket, link } = await setUp();
  socket.close(null);
  const recorder = new Recorder();
  link.binary.bind(recorder);
  await nextLoop();
  expect(recorder.calls).toEqual(["close"]);
});
