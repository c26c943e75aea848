import { describe, expect, it } from "vitest";
import { encodeHeader, FLAG, FRAME } from "../frame/frame-header.ts";
import { MUX_LIMITS } from "../limits.ts";
import { createHandPeer } from "../testing/hand-peer.ts";
import { MemoryLink } from "../testing/memory-transport.ts";
import { createSessionPair, createTestEnd } from "../testing/session-pair.ts";
import { StreamRecorder } from "../testing/stream-recorder.ts";
import { MuxSession } from "./mux-session.ts";

const { initialWindowBytes, windowBytes } = MUX_LIMITS;
const RAISE = windowBytes - initialWindowBytes;
const utf8 = (text: string): Buffer => Buffer.from(text);
const over = { code: "closed_locally", message: "the test is over" } as const;

describe("opening", () => {
  it("says SYN on a window update that raises the peer's credit to our window", () => {
    const { session, sent } = createHandPeer("client");
    expect(session.openStream().id).toBe(1);
    expect(session.openStream().id).toBe(3);
    expect(sent[0]).toEqual({
      type: FRAME.windowUpdate,
      flags: FLAG.syn,
      streamId: 1,
      length: RAISE,
    });
  });

  it("opens even ids as the server", () => {
    const { session } = createHandPeer("server");
    expect([session.openStream().id, session.openStream().id]).toEqual([2, 4]);
  });

  it("acknowledges on a window update that raises the peer's credit", () => {
    const { receive, sent, accepted } = createHandPeer("server");
    receive(FRAME.windowUpdate, FLAG.syn, 1, 0);
    expect(accepted.map(({ id, state }) => [id, state])).toEqual([[1, "open"]]);
    expect(sent).toEqual([
      { type: FRAME.windowUpdate, flags: FLAG.ack, streamId: 1, length: RAISE },
    ]);
  });

  it("accepts a stream that opens with data", () => {
    const { receiveData, accepted } = createHandPeer("server");
    receiveData(1, utf8("hi"), FLAG.syn | FLAG.fin);
    const [stream] = accepted;
    if (stream === undefined) throw new Error("nothing was accepted");
    const recorder = new StreamRecorder(stream);
    expect(recorder.text).toBe("hi");
    expect(recorder.calls).toEqual(["data", "batch", "end"]);
  });

  it("counts credit that comes with SYN and ACK as a larger window", () => {
    const { session, receive, link } = createHandPeer("client");
    const stream = session.openStream();
    receive(FRAME.windowUpdate, FLAG.ack, stream.id, 1000);
    for (let n = 0; n < initialWindowBytes + 5000; n += 1000) {
      stream.write(Buffer.alloc(1000));
      link.settle();
    }
    expect(stream.bytesSent).toBe(initialWindowBytes + 1000);
    expect(stream.state).toBe("open");
  });

  it("keeps opens above the peer's backlog waiting, and starts them as others are acknowledged", () => {
    const { session, sent, receive } = createHandPeer("client");
    const streams = Array.from({ length: MUX_LIMITS.unacknowledgedOpens + 2 }, () =>
      session.openStream(),
    );
    const [first, second] = streams;
    const last = streams.at(-1);
    if (first === undefined || second === undefined || last === undefined) throw new Error();
    last.write(utf8("early"));
    expect(sent).toHaveLength(MUX_LIMITS.unacknowledgedOpens);
    receive(FRAME.windowUpdate, FLAG.ack, first.id, 0);
    receive(FRAME.windowUpdate, FLAG.ack, first.id, 0);
    expect(sent).toHaveLength(MUX_LIMITS.unacknowledgedOpens + 1);
    receive(FRAME.windowUpdate, FLAG.rst, second.id, 0);
    expect(sent.slice(-2).map(({ type, flags }) => [type, flags])).toEqual([
      [FRAME.windowUpdate, FLAG.syn],
      [FRAME.data, 0],
    ]);
    expect(last.bytesSent).toBe(5);
  });

  it("forgets a waiting stream that is reset, without a frame", () => {
    const { session, sent, receive } = createHandPeer("client");
    const streams = Array.from({ length: MUX_LIMITS.unacknowledgedOpens + 1 }, () =>
      session.openStream(),
    );
    const before = sent.length;
    streams.at(-1)?.reset();
    for (const stream of streams) receive(FRAME.windowUpdate, FLAG.ack, stream.id, 0);
    expect(sent).toHaveLength(before);
  });

  it("sends what was written and ended before it could start, in order", () => {
    const { session, sent, receive } = createHandPeer("client");
    for (let n = 0; n < MUX_LIMITS.unacknowledgedOpens; n += 1) session.openStream();
    const empty = session.openStream();
    empty.end();
    const full = session.openStream();
    full.write(utf8("all"));
    full.end();
    sent.length = 0;
    receive(FRAME.windowUpdate, FLAG.ack, 1, 0);
    receive(FRAME.windowUpdate, FLAG.ack, 3, 0);
    expect(sent.map(({ type, flags }) => [type, flags])).toEqual([
      [FRAME.windowUpdate, FLAG.syn],
      [FRAME.windowUpdate, FLAG.fin],
      [FRAME.windowUpdate, FLAG.syn],
      [FRAME.data, 0],
      [FRAME.windowUpdate, FLAG.fin],
    ]);
  });

  it("refuses one stream more than its limit, and resets one more of the peer's", () => {
    const { session, receive, sent, accepted } = createHandPeer("client");
    for (let n = 0; n < MUX_LIMITS.streams; n += 1) session.openStream();
    expect(() => session.openStream()).toThrow(expect.objectContaining({ code: "limit_exceeded" }));
    sent.length = 0;
    receive(FRAME.windowUpdate, FLAG.syn, 2, 0);
    expect(sent).toEqual([{ type: FRAME.windowUpdate, flags: FLAG.rst, streamId: 2, length: 0 }]);
    expect(accepted).toEqual([]);
    expect(session.state).toBe("open");
  });

  it("resets every stream when nobody takes them", () => {
    const link = new MemoryLink();
    const options = { windowBytes, keepAliveIntervalMs: null, onClose: () => {} };
    const session = new MuxSession({ ...options, transport: link.a, role: "client" });
    const { session: peer } = createTestEnd({ transport: link.b, role: "server" });
    const recorder = new StreamRecorder(peer.openStream());
    link.settle();
    expect(recorder.end).toBe("reset_by_peer");
    expect(session.streamCount).toBe(0);
  });

  it.each([initialWindowBytes - 1, MUX_LIMITS.maxWindowBytes + 1])(
    "refuses a window of %i",
    (bytes) => {
      expect(() => createSessionPair({ windowBytes: bytes })).toThrow(RangeError);
    },
  );
});

describe("a peer's fault", () => {
  it.each([
    ["a client's id from the server", [FRAME.windowUpdate, FLAG.syn, 3, 0], "wrong_stream_id"],
    ["an id in use", [FRAME.windowUpdate, FLAG.syn, 2, 0], "duplicate_stream"],
    ["one byte over the window", [FRAME.data, 0, 2, windowBytes + 1], "credit_exceeded"],
    [
      "a frame larger than any window, skipped",
      [FRAME.data, 0, 8, windowBytes + 1],
      "frame_too_large",
    ],
    ["such a frame with a reset", [FRAME.data, FLAG.rst, 2, windowBytes + 1], "frame_too_large"],
    ["credit beyond 32 bits", [FRAME.windowUpdate, 0, 2, 0xffff_ffff], "credit_exceeded"],
    ["a ping that is neither", [FRAME.ping, 0, 0, 1], "malformed_frame"],
    ["a ping that is both", [FRAME.ping, FLAG.syn | FLAG.ack, 0, 1], "malformed_frame"],
    ["an unknown go-away", [FRAME.goAway, 0, 0, 3], "malformed_frame"],
  ] as const)("ends the session over %s", (_name, [type, flags, streamId, length], fault) => {
    const { receive, accept, closes, sent, link } = createHandPeer("client");
    const recorder = new StreamRecorder(accept(2));
    receive(type, flags, streamId, length);
    expect(closes).toEqual([
      { code: "protocol_error", message: expect.stringContaining(`${fault}:`) as string },
    ]);
    expect(sent.at(-1)).toEqual({ type: FRAME.goAway, flags: 0, streamId: 0, length: 1 });
    expect(recorder.end).toMatch(/session_closed|reset_by_peer/);
    expect(link.a.isClosed).toBe(true);
  });

  it("ends the session when the peer half-closes twice", () => {
    const { receive, accept, closes } = createHandPeer();
    accept(2);
    receive(FRAME.windowUpdate, FLAG.fin, 2, 0);
    receive(FRAME.windowUpdate, FLAG.fin, 2, 0);
    expect(closes[0]?.message).toMatch(/^unexpected_end:/);
  });

  it("resets one stream that sends after its end, and keeps the session", () => {
    const { receive, receiveData, accept, closes, sent } = createHandPeer();
    const recorder = new StreamRecorder(accept(2));
    receive(FRAME.windowUpdate, FLAG.fin, 2, 0);
    receiveData(2, utf8("more"));
    expect(recorder.end).toBe("reset_locally");
    expect(recorder.text).toBe("");
    expect(sent).toEqual([{ type: FRAME.windowUpdate, flags: FLAG.rst, streamId: 2, length: 0 }]);
    expect(closes).toEqual([]);
    receiveData(2, utf8("and more, which is skipped"));
    expect(closes).toEqual([]);
  });

  it("ignores frames of streams that are gone", () => {
    const { receive, receiveData, closes, sent } = createHandPeer();
    receive(FRAME.windowUpdate, 0, 2, 50);
    receive(FRAME.windowUpdate, FLAG.fin, 2, 0);
    receive(FRAME.windowUpdate, FLAG.rst, 2, 0);
    receiveData(2, Buffer.alloc(1000));
    expect([closes, sent]).toEqual([[], []]);
  });

  it("ends the session of a peer that asks without reading, at the bound", () => {
    const { session, receive, closes, link } = createHandPeer("client", 100);
    const stream = session.openStream();
    stream.write(Buffer.alloc(200));
    const pings = Math.floor(MUX_LIMITS.blockedControlBytes / 12);
    for (let n = 0; n < pings; n += 1) receive(FRAME.ping, FLAG.syn, 0, n);
    expect(closes).toEqual([]);
    receive(FRAME.ping, FLAG.syn, 0, 0);
    expect(closes[0]?.message).toMatch(/^control_flood:/);
    expect(link.a.bufferedBytes).toBeLessThan(MUX_LIMITS.blockedControlBytes + 1000);
  });

  it("forgives what a peer asked for, once it has read the answers", () => {
    const { session, receive, closes, link } = createHandPeer("client", 100);
    for (let round = 0; round < 3; round += 1) {
      session.openStream().write(Buffer.alloc(200));
      const pings = Math.floor(MUX_LIMITS.blockedControlBytes / 24);
      for (let n = 0; n < pings; n += 1) receive(FRAME.ping, FLAG.syn, 0, n);
      link.deliver(link.a);
    }
    expect(closes).toEqual([]);
  });

  it("lets a failure of our own code through", () => {
    const { receiveData, accept } = createHandPeer();
    accept(2).bind({
      onData: () => {
        throw new TypeError("a bug");
      },
      onBatchEnd: () => {},
      onEnd: () => {},
      onDrain: () => {},
      onClose: () => {},
    });
    expect(() => receiveData(2, utf8("x"))).toThrow(TypeError);
  });
});

describe("going away", () => {
  it("refuses the peer's streams, serves the old ones, and drains when they are over", async () => {
    const { session, accept, receive, sent, accepted, link } = createHandPeer("client");
    const stream = accept(2);
    const draining = session.drain(60_000);
    expect(session.state).toBe("draining");
    receive(FRAME.windowUpdate, FLAG.syn, 4, 0);
    expect(accepted).toHaveLength(1);
    expect(sent).toEqual([
      { type: FRAME.goAway, flags: 0, streamId: 0, length: 0 },
      { type: FRAME.windowUpdate, flags: FLAG.rst, streamId: 4, length: 0 },
    ]);
    session.goAway();
    expect(sent).toHaveLength(2);
    stream.reset();
    await draining;
    expect(link.a.isClosed).toBe(false);
  });

  it("gives up draining at its deadline", async () => {
    const { link, clock, client, server } = createSessionPair();
    client.session.openStream();
    link.settle();
    const draining = server.session.drain(1_000);
    clock.advance(1_000);
    await draining;
    expect(server.session.streamCount).toBe(1);
  });

  it("drains at once with nothing open, and when it is closed", async () => {
    const { client } = createSessionPair();
    await client.session.drain(1_000);
    client.session.close(over);
    await client.session.drain(1_000);
    client.session.goAway();
    expect(client.session.state).toBe("closed");
  });

  it("opens nothing after the peer has gone away, and ends what was still waiting", () => {
    const { session, receive } = createHandPeer("client");
    const streams = Array.from({ length: MUX_LIMITS.unacknowledgedOpens + 1 }, () =>
      session.openStream(),
    );
    const last = streams.at(-1);
    if (last === undefined) throw new Error();
    const recorder = new StreamRecorder(last);
    receive(FRAME.goAway, 0, 0, 0);
    expect(recorder.end).toBe("reset_by_peer");
    expect(session.streamCount).toBe(MUX_LIMITS.unacknowledgedOpens);
    expect(() => session.openStream()).toThrow(expect.objectContaining({ code: "unavailable" }));
    receive(FRAME.windowUpdate, FLAG.syn, 2, 0);
    expect(session.streamCount).toBe(MUX_LIMITS.unacknowledgedOpens + 1);
  });

  it.each([
    [1, "peer_protocol_error"],
    [2, "peer_internal_error"],
  ])("closes when the peer goes away with code %i", (code, expected) => {
    const { receive, closes, sent } = createHandPeer();
    receive(FRAME.goAway, 0, 0, code);
    expect(closes.map((reason) => reason.code)).toEqual([expected]);
    expect(sent).toEqual([]);
  });
});

describe("closing", () => {
  it("tells every stream, then its owner, once, and leaves no timer", async () => {
    const { link, clock, client, server } = createSessionPair({ keepAliveIntervalMs: 5_000 });
    const recorder = new StreamRecorder(client.session.openStream());
    link.settle();
    const ping = client.session.ping();
    const draining = client.session.drain(1_000);
    client.session.close(over);
    client.session.close(over);
    link.settle();
    await expect(ping).rejects.toMatchObject({ code: "unavailable" });
    await expect(client.session.ping()).rejects.toMatchObject({ code: "unavailable" });
    await draining;
    expect(recorder.calls).toEqual(["close:session_closed"]);
    expect(client.closes).toEqual([over]);
    expect(server.closes.map(({ code }) => code)).toEqual(["transport_closed"]);
    expect(clock.armedCount).toBe(0);
  });

  it("does nothing with a stream of a closed session", () => {
    const { session, sent, accept } = createHandPeer();
    const stream = accept(2);
    session.close(over);
    sent.length = 0;
    stream.write(utf8("x"));
    stream.end();
    stream.reset();
    stream.consume(5);
    expect(sent).toEqual([]);
    expect(() => session.openStream()).toThrow(expect.objectContaining({ code: "unavailable" }));
  });

  it("may be asked for from inside a stream's callback", () => {
    const { session, accept, link, closes } = createHandPeer();
    const stream = accept(2);
    const recorder = new StreamRecorder(stream);
    recorder.onEach = (what) => what === "data" && session.close(over);
    link.b.write(encodeHeader(FRAME.data, 0, 2, 3), utf8("abc"));
    link.b.write(encodeHeader(FRAME.data, 0, 2, 3), utf8("def"));
    link.deliver(link.b);
    expect(recorder.text).toBe("abc");
    expect(closes).toEqual([over]);
  });
});
