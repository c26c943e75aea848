import { describe, expect, it } from "vitest";
import { AgentId, ClusterId, ConnectionId, TunnelId } from "#protocol/api/ids.ts";
import { CHANNEL_LIMITS } from "#protocol/relay/channel.ts";
import type { RelayEvent } from "#protocol/relay/events.ts";
import { FactQueue } from "./fact-queue.ts";

const digits = (n: number): string => String(n).padStart(20, "0");

function closed(n: number): Extract<RelayEvent, { kind: "connection_closed" }> {
  return {
    kind: "connection_closed",
    connection: {
      id: ConnectionId.parse(`cn_${digits(n)}`),
      tunnelId: TunnelId.parse(`tn_${digits(1)}`),
      clusterId: ClusterId.parse(`cl_${digits(1)}`),
      agentId: AgentId.parse(`ag_${digits(1)}`),
      agentName: "a",
      via: "agent",
      clientAddress: "127.0.0.1:1",
      openedAt: 0,
      lastActivityAt: 0,
      openLatencyMs: 1,
      bytesIn: n,
      bytesOut: 0,
      closedAt: 1,
      closeReason: "completed",
      closeDetail: null,
    },
  };
}

const refused = (at: number): RelayEvent => ({
  kind: "refusal",
  refusal: { at, clusterId: null, code: 401, reason: "unknown", address: "127.0.0.1" },
});

function setup() {
  let nowMs = 0;
  const queue = new FactQueue(() => nowMs);
  const kept = (): number[] => queue.connect().closedMeanwhile.map(({ bytesIn }) => bytesIn);
  return { queue, kept, wait: (ms: number) => void (nowMs += ms) };
}

describe("FactQueue", () => {
  it("hands facts out in order, in batches", () => {
    const { queue } = setup();
    queue.connect();
    const facts = [closed(1), refused(1), closed(2)];
    for (const fact of facts) queue.push(fact);
    expect([queue.take(2), queue.take(2), queue.size]).toEqual([
      facts.slice(0, 2),
      facts.slice(2),
      0,
    ]);
  });

  it("keeps what closed and who was refused while nobody listens, once", () => {
    const { queue } = setup();
    queue.push(closed(1));
    queue.push(refused(7));
    queue.push({ ...closed(2), kind: "connection_closed" });
    const { closedMeanwhile, refusals } = queue.connect();
    expect(closedMeanwhile.map(({ bytesIn }) => bytesIn)).toEqual([1, 2]);
    expect(refusals.map(({ at }) => at)).toEqual([7]);
    expect(queue.size).toBe(0);
  });

  it("keeps what was not sent when the channel breaks", () => {
    const { queue, kept } = setup();
    queue.connect();
    queue.push(closed(1));
    queue.disconnect();
    expect(kept()).toEqual([1]);
  });

  it("repeats what was sent shortly before the channel broke, and nothing older", () => {
    const { queue, kept, wait } = setup();
    queue.connect();
    queue.push(closed(1));
    queue.take(10);
    wait(5_001);
    queue.push(closed(2));
    queue.take(10);
    queue.disconnect();
    // However long it is away.
    wait(1_000_000);
    expect(kept()).toEqual([2]);
  });

  it("repeats a snapshot's own when the channel breaks again at once", () => {
    const { queue, kept } = setup();
    queue.push(closed(1));
    expect(kept()).toEqual([1]);
    queue.disconnect();
    expect(kept()).toEqual([1]);
  });

  it("keeps no more than its bound, the newest", () => {
    const { queue, kept } = setup();
    const count = 3 * CHANNEL_LIMITS.closedMeanwhile + 1;
    for (let n = 0; n < count; n++) queue.push(closed(n));
    const numbers = kept();
    expect(numbers).toHaveLength(CHANNEL_LIMITS.closedMeanwhile);
    expect(numbers.at(-1)).toBe(count - 1);
  });
});
