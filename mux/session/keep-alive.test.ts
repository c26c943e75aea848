import { describe, expect, it } from "vitest";
import { FIRST_PING_DELAY_MS, MUX_LIMITS } from "../limits.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { MemoryLink } from "../testing/memory-transport.ts";
import { createSessionPair, createTestEnd } from "../testing/session-pair.ts";

const INTERVAL_MS = 15_000;

describe("keep-alive", () => {
  it("measures the round trip soon after the start, and again each interval", () => {
    const { link, clock, client } = createSessionPair({ keepAliveIntervalMs: INTERVAL_MS });
    expect(client.session.rttMs).toBeNull();
    clock.advance(FIRST_PING_DELAY_MS);
    clock.advance(30);
    link.settle();
    expect(client.session.rttMs).toBe(30);
    clock.advance(INTERVAL_MS);
    link.settle();
    expect(client.session.rttMs).toBeLessThan(INTERVAL_MS);
    expect(client.closes).toEqual([]);
  });

  it("finds a silent peer within two intervals", () => {
    const { link, clock, client } = createSessionPair({ keepAliveIntervalMs: INTERVAL_MS });
    clock.advance(FIRST_PING_DELAY_MS);
    link.settle();
    clock.advance(2 * INTERVAL_MS);
    expect(client.closes.map(({ code }) => code)).toEqual(["keep_alive_timeout"]);
    expect(clock.armedCount).toBe(0);
  });

  it("takes any byte for life", () => {
    const link = new MemoryLink();
    const clock = new FakeClock();
    const options = { clock, keepAliveIntervalMs: INTERVAL_MS };
    const { closes } = createTestEnd({ ...options, transport: link.a, role: "client" });
    for (let n = 0; n < 10; n += 1) {
      clock.advance(INTERVAL_MS);
      link.b.write(Buffer.alloc(1));
      link.deliver(link.b);
    }
    expect(closes).toEqual([]);
  });

  it("lets a ping fail that nobody answers in time", async () => {
    const { clock, client } = createSessionPair();
    const ping = client.session.ping();
    clock.advance(MUX_LIMITS.pingTimeoutMs);
    await expect(ping).rejects.toMatchObject({ code: "deadline_exceeded" });
    expect(clock.armedCount).toBe(0);
  });

  it("refuses one unanswered ping more than its bound", async () => {
    const { link, client } = createSessionPair();
    const pings = Array.from({ length: MUX_LIMITS.pendingPings }, () => client.session.ping());
    await expect(client.session.ping()).rejects.toMatchObject({ code: "limit_exceeded" });
    link.settle();
    await expect(Promise.all(pings)).resolves.toHaveLength(MUX_LIMITS.pendingPings);
  });

  it("ignores an answer that nobody waits for", () => {
    const { link, client, clock, server } = createSessionPair();
    void client.session.ping().catch(() => {});
    clock.advance(MUX_LIMITS.pingTimeoutMs);
    link.settle();
    expect(client.session.rttMs).toBeNull();
    expect([client.closes, server.closes]).toEqual([[], []]);
  });
});
