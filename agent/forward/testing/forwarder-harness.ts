import { afterEach } from "vitest";
import { ConnectionId, TunnelId } from "#protocol/api/ids.ts";
import { listenerKeyText } from "#protocol/control/inventory.ts";
import { encodeStreamHeader, type StreamHeader } from "#protocol/control/stream-header.ts";
import { createTestEnd } from "#mux/testing/session-pair.ts";
import { MemoryLink } from "#mux/testing/memory-transport.ts";
import type { UpstreamAddress, UpstreamBackend } from "../../discovery/discovery.ts";
import { createLog } from "../../log.ts";
import { startService } from "../../testing/services.ts";
import { TestStream } from "../../testing/test-hub.ts";
import { ForbiddenAddresses } from "../forbidden-addresses.ts";
import { TcpForwarder, type TcpForwarderOptions } from "../tcp-forwarder.ts";

/** Run after each test, the last first. */
export const cleanups: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

export const TARGET = {
  namespace: "shop",
  gateway: "edge",
  protocol: "tcp",
  port: 5432,
  hostname: null,
} as const;

export const UDP_TARGET = { ...TARGET, protocol: "udp", port: 5353 } as const;

export const backend = (addresses: readonly UpstreamAddress[], ready = true): UpstreamBackend => ({
  namespace: "shop",
  name: "db",
  port: 5432,
  weight: 1,
  ready,
  reason: ready ? null : "Service shop/db has no ready endpoint.",
  addresses,
});

/** A forwarder behind a mux session in memory. */
export function setup(
  addresses: readonly UpstreamAddress[],
  options: Partial<TcpForwarderOptions> = {},
) {
  const forwarder = new TcpForwarder({
    findTargets: (key) =>
      key === listenerKeyText(TARGET) || key === listenerKeyText(UDP_TARGET)
        ? [backend(addresses)]
        : null,
    forbidden: new ForbiddenAddresses(),
    maxConnections: 10,
    udp: { maxSessions: 10, sessionTimeoutMs: 60_000, bufferSizeBytes: 65_535 },
    connectionTimeoutMs: 5_000,
    keepAliveMs: 30_000,
    resolveName: () => Promise.reject(Object.assign(new Error("none"), { code: "ENOTFOUND" })),
    random: () => 0,
    headerTimeoutMs: 5_000,
    log: createLog({
      level: "silent",
      format: "json",
      write: () => undefined,
      now: () => new Date(),
    }),
    ...options,
  });
  const link = new MemoryLink({ isAutomatic: true });
  const agent = createTestEnd({
    transport: link.a,
    role: "client",
    onStream: (stream) => forwarder.accept(stream),
  });
  const relay = createTestEnd({ transport: link.b, role: "server" });
  cleanups.push(() => {
    relay.session.close({ code: "closed_locally", message: "" });
    agent.session.close({ code: "closed_locally", message: "" });
  });
  const open = (change: Partial<StreamHeader> = {}) => {
    const stream = relay.session.openStream();
    stream.write(
      encodeStreamHeader({
        kind: "tcp",
        target: TARGET,
        tunnelId: TunnelId.parse("tn_00000001"),
        connectionId: ConnectionId.parse("cn_00000001"),
        clientAddress: "192.0.2.1:50000",
        connectTimeoutMs: 5_000,
        ...change,
      }),
    );
    return { raw: stream, ...pick(new TestStream(stream)) };
  };
  return { forwarder, relay, open };
}

const pick = (stream: TestStream) => ({ stream, reply: stream.reply, end: stream.end });

/** Starts a service that ends with the test. */
export async function keep<T extends { close(): Promise<void> }>(service: Promise<T>): Promise<T> {
  const started = await service;
  cleanups.push(() => started.close());
  return started;
}

/** A port of loopback that refuses. */
export async function findClosedPort(): Promise<number> {
  const service = await startService(() => undefined);
  await service.close();
  return service.port;
}

export const at = (port: number, host = "127.0.0.1"): UpstreamAddress => ({ host, port });
