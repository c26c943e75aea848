import { createSocket } from "node:dgram";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { DatagramReader, frameDatagram } from "#protocol/control/datagrams.ts";
import type { MuxStreamEnd } from "#mux/stream/mux-stream-port.ts";
import { createStreamReplyReader, type StreamReply } from "#protocol/control/stream-header.ts";
import type { UpstreamAddress } from "../discovery/discovery.ts";
import { startUdpEcho, startUdpService } from "../testing/services.ts";
import { at, backend, keep, setup, UDP_TARGET } from "./testing/forwarder-harness.ts";
import type { TcpForwarderOptions } from "./tcp-forwarder.ts";

/** The relay's end of one association, from the header on. */
function openSession(
  addresses: readonly UpstreamAddress[],
  udp: Partial<TcpForwarderOptions["udp"]> = {},
  over: Partial<TcpForwarderOptions> = {},
) {
  const harness = setup(addresses, {
    ...over,
    udp: { maxSessions: 2, sessionTimeoutMs: 60_000, bufferSizeBytes: 65_535, ...udp },
  });
  const open = () => {
    const { raw } = harness.open({ kind: "udp", target: UDP_TARGET });
    const reply = Promise.withResolvers<StreamReply>();
    const end = Promise.withResolvers<MuxStreamEnd>();
    const datagrams: Uint8Array[] = [];
    const preamble = createStreamReplyReader();
    const reader = new DatagramReader((datagram) => datagrams.push(datagram));
    let isReplied = false;
    raw.bind({
      onData: (chunk) => {
        raw.consume(chunk.byteLength);
        if (isReplied) return reader.push(chunk);
        const answer = preamble.push(chunk);
        if (answer === null) return;
        isReplied = true;
        reader.push(answer.rest);
        reply.resolve(answer.value);
      },
      onBatchEnd: () => undefined,
      onDrain: () => undefined,
      onEnd: () => raw.end(),
      onClose: (why) => end.resolve(why),
    });
    return {
      datagrams,
      reply: reply.promise,
      end: end.promise,
      reset: () => raw.reset(),
      send: (datagram: Uint8Array) => void raw.write(frameDatagram(datagram)),
      sizes: () => datagrams.map(({ byteLength }) => byteLength),
    };
  };
  return { ...harness, open };
}

describe("a UDP session", () => {
  it("keeps every datagram whole, from an empty one to the largest", async () => {
    const echo = await keep(startUdpEcho());
    const { open, forwarder } = openSession([at(echo.port)]);
    const session = open();
    const sizes = [0, 1, 65_507, 1_200, 0];
    for (const [n, size] of sizes.entries()) {
      session.send(new Uint8Array(size).fill(n));
      await expect.poll(session.sizes).toHaveLength(n + 1);
    }
    expect(session.sizes()).toEqual(sizes);
    expect(session.datagrams[2]?.every((byte) => byte === 2)).toBe(true);
    expect((await session.reply).status).toBe("ok");
    expect(forwarder.sessions).toMatchObject({ open: 1, total: 1, failed: 0 });
    expect(forwarder.counters).toMatchObject({ open: 0, total: 0, failed: 0 });
  });

  it("passes on what the service sends unasked, at any time", async () => {
    const service = await keep(
      startUdpService((_datagram, answer) => {
        for (const word of ["one", "two", "three"]) answer(Buffer.from(word));
      }),
    );
    const session = openSession([at(service.port)]).open();
    session.send(Buffer.from("subscribe"));
    await expect.poll(session.sizes).toHaveLength(3);
  });

  it("hears nobody but its service", async () => {
    const service = await keep(startUdpEcho());
    const session = openSession([at(service.port)]).open();
    session.send(Buffer.from("x"));
    await expect.poll(session.sizes).toEqual([1]);
    const [port = 0] = service.peers;
    const forger = createSocket("udp4");
    await new Promise((sent) => forger.send(Buffer.from("forged"), port, "127.0.0.1", sent));
    forger.close();
    // What comes after it has been through the same queue of the kernel.
    session.send(Buffer.from("yz"));
    await expect.poll(session.sizes).toEqual([1, 2]);
  });

  it("breaks when nobody listens at the service", async () => {
    const gone = await startUdpEcho();
    await gone.close();
    const { open, forwarder } = openSession([at(gone.port)]);
    const session = open();
    session.send(Buffer.from("x"));
    expect(await session.end).toBe("reset_by_peer");
    await expect.poll(() => forwarder.sessions.open).toBe(0);
  });

  it("ends in good order when it was quiet for its time, counted from the last datagram", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const mute = await keep(startUdpService(() => undefined));
    const { open, forwarder } = openSession([at(mute.port)], { sessionTimeoutMs: 60_000 });
    const session = open();
    for (const count of [1, 2, 3]) {
      session.send(Buffer.from("x"));
      await expect.poll(() => mute.received).toHaveLength(count);
      // Polling lets this clock go on by a little, too.
      vi.advanceTimersByTime(40_000);
      expect(forwarder.sessions.open).toBe(1);
    }
    vi.advanceTimersByTime(20_000);
    expect(await session.end).toBe("ended");
    await expect.poll(() => forwarder.sessions.open).toBe(0);
  });

  it("ends when the listener leads elsewhere, and not when something else changed", async () => {
    const [old, other] = [await keep(startUdpEcho()), await keep(startUdpEcho())];
    let addresses = [at(old.port), at(other.port)];
    const { open, forwarder } = openSession([], {}, { findTargets: () => [backend(addresses)] });
    const session = open();
    session.send(Buffer.from("x"));
    await expect.poll(session.sizes).toEqual([1]);
    addresses = [at(old.port)];
    forwarder.targetsChanged();
    session.send(Buffer.from("xy"));
    await expect.poll(session.sizes).toEqual([1, 2]);
    addresses = [at(other.port)];
    forwarder.targetsChanged();
    expect(await session.end).toBe("ended");
    const next = open();
    next.send(Buffer.from("xyz"));
    await expect.poll(next.sizes).toEqual([3]);
    expect(other.received).toEqual([3]);
  });

  it("is refused beyond the limit, and taken again when one has ended", async () => {
    const echo = await keep(startUdpEcho());
    const { open, forwarder } = openSession([at(echo.port)]);
    const [first, second] = [open(), open()];
    await Promise.all([first.reply, second.reply]);
    const third = open();
    expect(await third.reply).toMatchObject({ status: "limit_reached" });
    expect(forwarder.sessions).toMatchObject({ open: 2, total: 2, failed: 1 });
    first.reset();
    await expect.poll(() => forwarder.sessions.open).toBe(1);
    expect((await open().reply).status).toBe("ok");
  });

  it("drops datagrams larger than its buffer, both ways", async () => {
    const service = await keep(
      startUdpService((_datagram, answer) => {
        answer(new Uint8Array(101));
        answer(new Uint8Array(100));
      }),
    );
    const session = openSession([at(service.port)], { bufferSizeBytes: 100 }).open();
    session.send(new Uint8Array(101));
    session.send(new Uint8Array(99));
    await expect.poll(session.sizes).toEqual([100]);
    expect(service.received).toEqual([99]);
  });
});
