import { describe, expect, it } from "vitest";
import { FLAG, FRAME } from "../frame/frame-header.ts";
import { MUX_LIMITS } from "../limits.ts";
import { createHandPeer } from "../testing/hand-peer.ts";
import { createSessionPair, type SessionPair } from "../testing/session-pair.ts";
import { StreamRecorder } from "../testing/stream-recorder.ts";

const { initialWindowBytes, windowBytes, sharedInFlightBytes } = MUX_LIMITS;

/** A bulk stream whose reader stops after a first mebibyte, with another stream beside it. */
async function setup({ rttMs = 1 } = {}) {
  const pair = createSessionPair();
  const { link, clock, client, server } = pair;
  const ping = client.session.ping();
  clock.advance(rttMs);
  link.settle();
  await ping;
  const [bulk, small] = [client.session.openStream(), client.session.openStream()];
  link.settle();
  const [far] = server.accepted;
  if (far === undefined) throw new Error("nothing was accepted");
  const reader = new StreamRecorder(far);
  fill(pair, bulk, windowBytes);
  reader.consumes = false;
  return { ...pair, bulk, small, reader };
}

/** Offers `bytes`, moving the link along; returns what is in flight afterwards. */
function fill(
  { link }: Pick<SessionPair, "link">,
  stream: ReturnType<SessionPair["client"]["session"]["openStream"]>,
  bytes: number,
): number {
  for (let offered = 0; offered < bytes; offered += 64 * 1024) {
    stream.write(Buffer.alloc(64 * 1024));
    link.settle();
  }
  return stream.inFlightBytes;
}

describe("in-flight bytes of a bulk stream", () => {
  it("may fill the window when it is alone", async () => {
    const pair = await setup();
    expect(fill(pair, pair.bulk, 2 * windowBytes)).toBe(windowBytes);
  });

  it("keep to their share while another stream sends small frames, and not for long after", async () => {
    const pair = await setup();
    pair.small.write(Buffer.from("a question"));
    expect(fill(pair, pair.bulk, 2 * windowBytes)).toBeLessThanOrEqual(sharedInFlightBytes);
    pair.clock.advance(1_000);
    expect(fill(pair, pair.bulk, windowBytes)).toBe(windowBytes);
  });

  it("do not make room for the stream's own small frames", async () => {
    const pair = await setup();
    pair.bulk.write(Buffer.from("mine"));
    expect(fill(pair, pair.bulk, 2 * windowBytes)).toBe(windowBytes);
  });

  it("may fill the window of a long path", async () => {
    const pair = await setup({ rttMs: 50 });
    pair.small.write(Buffer.from("a question"));
    expect(fill(pair, pair.bulk, 2 * windowBytes)).toBe(windowBytes);
  });

  it("keep their order when the share ends between two writes", async () => {
    const pair = await setup();
    pair.small.write(Buffer.from("a question"));
    fill(pair, pair.bulk, windowBytes);
    pair.bulk.write(Buffer.from("first"));
    pair.clock.advance(1_000);
    pair.bulk.write(Buffer.from("second"));
    pair.reader.release();
    pair.link.settle();
    expect(pair.reader.bytes.subarray(-11).toString()).toBe("firstsecond");
  });

  it("never fall below what the peer collects before it returns credit", async () => {
    const collectedBytes = 512 * 1024;
    const { session, link, receive } = createHandPeer("client", 16 * windowBytes);
    const ping = session.ping();
    receive(FRAME.ping, FLAG.ack, 0, 0);
    await ping;
    const [bulk, small] = [session.openStream(), session.openStream()];
    receive(FRAME.windowUpdate, FLAG.ack, bulk.id, windowBytes - initialWindowBytes);
    fill({ link }, bulk, collectedBytes);
    receive(FRAME.windowUpdate, 0, bulk.id, collectedBytes);
    small.write(Buffer.from("a question"));
    fill({ link }, bulk, 2 * windowBytes);
    expect(bulk.inFlightBytes).toBeGreaterThanOrEqual(collectedBytes);
  });
});
