import { describe, expect, it, onTestFinished } from "vitest";
import { encodeHeader, FLAG, FRAME } from "../frame/frame-header.ts";
import { MUX_LIMITS } from "../limits.ts";
import { BULK_READ_BYTES, ReadBuffers } from "../socket/read-buffers.ts";
import { createHandPeer } from "../testing/hand-peer.ts";
import { createSessionPair } from "../testing/session-pair.ts";
import { StreamRecorder } from "../testing/stream-recorder.ts";

const { framePayloadBytes } = MUX_LIMITS;
const utf8 = (text: string): Buffer => Buffer.from(text);

describe("scheduling", () => {
  it("gives one frame to each stream in turn, so that bulk starves nobody", () => {
    const { session, sent, link } = createHandPeer("client", 1);
    const [bulk, small] = [session.openStream(), session.openStream()];
    bulk.write(Buffer.alloc(3 * framePayloadBytes));
    small.write(utf8("please"));
    sent.length = 0;
    for (let n = 0; n < 8; n += 1) link.deliver(link.a);
    const order = sent.map(({ streamId, length }) => [streamId, length]);
    expect(order).toEqual([
      [bulk.id, framePayloadBytes],
      [small.id, 6],
      [bulk.id, framePayloadBytes],
      [bulk.id, framePayloadBytes],
    ]);
  });

  it("sends control frames at once while payload waits for the transport", () => {
    const { session, sent, receive } = createHandPeer("client", 1);
    const stream = session.openStream();
    stream.write(Buffer.alloc(framePayloadBytes));
    stream.write(Buffer.alloc(framePayloadBytes));
    sent.length = 0;
    receive(FRAME.ping, FLAG.syn, 0, 7);
    stream.reset();
    expect(sent.map(({ type, flags }) => [type, flags])).toEqual([
      [FRAME.ping, FLAG.ack],
      [FRAME.windowUpdate, FLAG.rst],
    ]);
  });

  it("says stop above the bound and go on once, when it has drained", () => {
    const { session, link } = createHandPeer("client", 1);
    const stream = session.openStream();
    const recorder = new StreamRecorder(stream);
    const half = MUX_LIMITS.unsentStreamBytes / 2;
    expect(stream.write(Buffer.alloc(half))).toBe(true);
    expect(stream.write(Buffer.alloc(half))).toBe(true);
    expect(stream.write(Buffer.alloc(1))).toBe(false);
    while (link.deliver(link.a) > 0);
    expect(recorder.calls).toEqual(["drain"]);
    expect(stream.unsentBytes).toBe(0);
  });

  it("sends nothing of a stream after its reset", () => {
    const { session, link, sent } = createHandPeer("client", 1);
    const stream = session.openStream();
    stream.write(Buffer.alloc(3 * framePayloadBytes));
    stream.reset();
    sent.length = 0;
    while (link.deliver(link.a) > 0);
    expect(sent).toEqual([]);
  });

  it("says nothing of room to who was never stopped", () => {
    const { session, link } = createHandPeer("client", 1);
    const stream = session.openStream();
    const recorder = new StreamRecorder(stream);
    stream.write(Buffer.alloc(MUX_LIMITS.unsentStreamBytes));
    while (link.deliver(link.a) > 0);
    expect([stream.unsentBytes, recorder.calls]).toEqual([0, []]);
  });

  it("says stop to many tiny writes too", () => {
    const { session } = createHandPeer("client", 1);
    const stream = session.openStream();
    for (let n = 0; n < MUX_LIMITS.unsentStreamChunks; n += 1) {
      expect(stream.write(utf8("x"))).toBe(true);
    }
    expect(stream.write(utf8("x"))).toBe(false);
  });

  it("takes what is written from inside onDrain, in order", () => {
    const { link, client, server } = createSessionPair({ highWaterBytes: 1 });
    const stream = client.session.openStream();
    let left = 100;
    const recorder = new StreamRecorder(stream);
    const pump = (): void => {
      while (left > 0) {
        left -= 1;
        if (!stream.write(Buffer.alloc(10_000, left))) return;
      }
      stream.end();
    };
    recorder.onEach = (what) => what === "drain" && pump();
    pump();
    link.settle();
    const far = server.accepted[0];
    if (far === undefined) throw new Error("nothing was accepted");
    const farRecorder = new StreamRecorder(far);
    link.settle();
    expect(farRecorder.hasEnded).toBe(true);
    const expected = Array.from({ length: 100 }, (_, n) => Buffer.alloc(10_000, 99 - n));
    expect(farRecorder.bytes.equals(Buffer.concat(expected))).toBe(true);
  });

  it("drops what is written after the end, and counts nothing", () => {
    const { session, sent } = createHandPeer();
    const stream = session.openStream();
    stream.end();
    stream.end();
    sent.length = 0;
    expect(stream.write(utf8("late"))).toBe(true);
    expect([sent, stream.bytesSent]).toEqual([[], 0]);
  });
});

describe("credit", () => {
  it("goes back when bytes are consumed, and not before", () => {
    const { accept, receiveData, sent } = createHandPeer();
    const stream = accept(2);
    const recorder = new StreamRecorder(stream, false);
    receiveData(2, Buffer.alloc(MUX_LIMITS.creditReturnBytes));
    expect(recorder.bytes).toHaveLength(MUX_LIMITS.creditReturnBytes);
    expect(sent).toEqual([]);
    stream.consume(MUX_LIMITS.creditReturnBytes);
    const credit = { type: FRAME.windowUpdate, flags: 0, streamId: 2 };
    expect(sent).toEqual([{ ...credit, length: MUX_LIMITS.creditReturnBytes }]);
  });

  it("is not returned to a peer that has ended", () => {
    const { accept, receiveData, sent } = createHandPeer();
    const stream = accept(2);
    receiveData(2, Buffer.alloc(MUX_LIMITS.creditReturnBytes), FLAG.fin);
    new StreamRecorder(stream);
    expect(sent).toEqual([]);
  });

  it("bounds what an unread stream costs, however small its frames", () => {
    const { accept, receiveData, closes } = createHandPeer();
    const stream = accept(2);
    for (let n = 0; n < 50_000; n += 1) receiveData(2, utf8(n % 2 === 0 ? "a" : "b"));
    const recorder = new StreamRecorder(stream);
    expect(recorder.text).toBe("ab".repeat(25_000));
    expect(recorder.chunks.length).toBeLessThan(6);
    expect(closes).toEqual([]);
  });
});

describe("lent memory", () => {
  /** A socket's buffers, after a first bulk read: the next one is lent. */
  function createBusyReader() {
    const buffers = new ReadBuffers();
    onTestFinished(() => buffers.release());
    buffers.deliver(BULK_READ_BYTES, () => {});
    return buffers;
  }

  it("is kept while written bytes wait, so that the next read cannot overwrite them", () => {
    const { session } = createHandPeer("client", 1);
    const stream = session.openStream();
    const buffers = createBusyReader();
    const lent = buffers.next;
    buffers.deliver(BULK_READ_BYTES, (chunk) => stream.write(chunk));
    expect(stream.unsentBytes).toBe(BULK_READ_BYTES);
    expect(buffers.next).not.toBe(lent);
  });

  it("serves the next read when everything went to the transport", () => {
    const { session } = createHandPeer("client");
    const stream = session.openStream();
    const buffers = createBusyReader();
    const lent = buffers.next;
    buffers.deliver(BULK_READ_BYTES, (chunk) => stream.write(chunk));
    expect(stream.unsentBytes).toBe(0);
    expect(buffers.next).toBe(lent);
  });

  it("is passed on as it is to a user who borrows, and copied for any other", () => {
    const { accept, link } = createHandPeer();
    const [borrower, owner] = [accept(2), accept(4)];
    const got: Uint8Array[] = [];
    const handler = {
      onData: (chunk: Uint8Array) => got.push(chunk),
      onBatchEnd: () => {},
      onEnd: () => {},
      onDrain: () => {},
      onClose: () => {},
    };
    borrower.bind({ ...handler, borrows: true });
    owner.bind(handler);
    const read = Buffer.concat([
      encodeHeader(FRAME.data, 0, 2, 3),
      utf8("abc"),
      encodeHeader(FRAME.data, 0, 4, 3),
      utf8("xyz"),
    ]);
    link.a.receiver?.onData(read);
    link.a.receiver?.onBatchEnd();
    read.fill(0x2d);
    expect(got.map((chunk) => Buffer.from(chunk).toString())).toEqual(["---", "xyz"]);
  });
});

describe("binding", () => {
  it("hands the rest to a successor bound from inside onData, end and close included", () => {
    const { accept, receiveData } = createHandPeer();
    const stream = accept(2);
    receiveData(2, Buffer.alloc(3_000, "a"));
    receiveData(2, Buffer.alloc(40_000, "b"), FLAG.fin);
    stream.end();
    const calls: string[] = [];
    let successor: StreamRecorder | undefined;
    const note = (what: string) => () => calls.push(what);
    stream.bind({
      onData: () => {
        calls.push("data");
        successor = new StreamRecorder(stream);
      },
      onBatchEnd: note("batch"),
      onEnd: note("end"),
      onDrain: note("drain"),
      onClose: note("close"),
    });
    expect(calls).toEqual(["data"]);
    expect(successor?.bytes.byteLength).toBeGreaterThan(20_000);
    expect(successor?.calls).toEqual(["data", "batch", "end", "close:ended"]);
  });

  it("tells a late user about an end and a close that came before", () => {
    const { accept, receive, receiveData } = createHandPeer();
    const stream = accept(2);
    receiveData(2, utf8("last"), FLAG.fin);
    expect(new StreamRecorder(stream).calls).toEqual(["data", "batch", "end"]);
    expect(new StreamRecorder(stream).calls).toEqual(["end"]);
    receive(FRAME.windowUpdate, FLAG.rst, 2, 0);
    expect(new StreamRecorder(stream).calls).toEqual(["close:reset_by_peer"]);
  });

  it("drops unread bytes with a reset", () => {
    const { accept, receive, receiveData } = createHandPeer();
    const stream = accept(2);
    receiveData(2, utf8("never read"));
    receive(FRAME.windowUpdate, FLAG.rst, 2, 0);
    expect(new StreamRecorder(stream).calls).toEqual(["close:reset_by_peer"]);
  });

  it("stops delivering when the user resets from inside onData", () => {
    const { accept, receiveData } = createHandPeer();
    const stream = accept(2);
    receiveData(2, Buffer.alloc(1_000));
    receiveData(2, Buffer.alloc(40_000));
    const recorder = new StreamRecorder(stream, false);
    expect(recorder.bytes.byteLength).toBe(41_000);
    const other = accept(4);
    receiveData(4, Buffer.alloc(1_000));
    receiveData(4, Buffer.alloc(40_000));
    let chunks = 0;
    const calls: string[] = [];
    other.bind({
      onData: () => {
        chunks += 1;
        other.reset();
      },
      onBatchEnd: () => calls.push("batch"),
      onEnd: () => calls.push("end"),
      onDrain: () => calls.push("drain"),
      onClose: (why) => calls.push(why),
    });
    expect([chunks, calls]).toEqual([1, ["reset_locally"]]);
  });

  it("tells only the streams that got bytes when a batch is over", () => {
    const { accept, link, receiveData } = createHandPeer();
    const [one, two] = [new StreamRecorder(accept(2)), new StreamRecorder(accept(4))];
    link.b.write(encodeHeader(FRAME.data, 0, 2, 3), utf8("abc"));
    link.b.write(encodeHeader(FRAME.data, 0, 2, 3), utf8("def"));
    link.deliver(link.b);
    expect(one.calls).toEqual(["data", "batch"]);
    expect(two.calls).toEqual([]);
    receiveData(2, utf8("ghi"));
    expect(one.calls).toEqual(["data", "batch", "data", "batch"]);
  });
});
