import { describe, expect, it } from "vitest";
import { MUX_LIMITS } from "../limits.ts";
import { createSessionPair, type SessionPair } from "../testing/session-pair.ts";
import { StreamRecorder } from "../testing/stream-recorder.ts";

const { windowBytes, sharedInFlightBytes } = MUX_LIMITS;

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
  return { ...pair, bulk, small };
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
});
