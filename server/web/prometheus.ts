import { Counter, Gauge, Registry, collectDefaultMetrics } from "prom-client";
import { CLOSE_REASONS, type CloseReason } from "#protocol/api/connections.ts";
import { onFact } from "#server/relays/relay-facts.ts";
import type { LiveState } from "#server/services/live-state.ts";
import { createHttpMetrics } from "./http-metrics.ts";

/** What became of a datagram. */
const OUTCOMES = ["in", "out", "dropped"] as const;

export interface WebMetrics {
  readonly contentType: string;
  text(): Promise<string>;
  close(): void;
}

/** What Prometheus may ask for: this process, and every relay's figures as last reported. */
export function createWebMetrics(live: LiveState, liveSockets: () => number): WebMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: "culvert_web_" });
  gauges(registers, live, liveSockets);
  const bytes = new Counter({
    name: "culvert_tunnel_bytes_total",
    help: "Bytes carried since this process started, by direction: in is client to service",
    labelNames: ["direction"],
    registers,
  });
  const opened = new Counter({
    name: "culvert_connections_opened_total",
    help: "Connections accepted since this process started, associations of UDP and requests of HTTP among them",
    registers,
  });
  const closed = new Counter<"close_reason">({
    name: "culvert_connections_closed_total",
    help: "Connections that ended since this process started, by reason; of HTTP only WebSockets and requests that took longer than a second",
    labelNames: ["close_reason"],
    registers,
  });
  // A reason that never happened is 0, not absent.
  for (const reason of Object.keys(CLOSE_REASONS) as CloseReason[])
    closed.inc({ close_reason: reason }, 0);
  const datagrams = new Counter<"outcome">({
    name: "culvert_udp_datagrams_total",
    help: "Datagrams of UDP tunnels since this process started: in is client to service, dropped those of either way that a rule held back",
    labelNames: ["outcome"],
    registers,
  });
  for (const outcome of OUTCOMES) datagrams.inc({ outcome }, 0);
  const http = createHttpMetrics(registers, live);
  const stops = [
    http.close,
    onFact("counted", ({ tunnels }) => {
      for (const tunnel of tunnels) {
        bytes.inc({ direction: "in" }, tunnel.bytesIn);
        bytes.inc({ direction: "out" }, tunnel.bytesOut);
        opened.inc(tunnel.opened);
        for (const outcome of OUTCOMES) {
          datagrams.inc({ outcome }, tunnel.datagrams?.[outcome] ?? 0);
        }
      }
    }),
    onFact("connectionClosed", ({ closeReason }) => closed.inc({ close_reason: closeReason })),
  ];
  return {
    contentType: registry.contentType,
    text: async () => `${await registry.metrics()}\n${http.text()}`,
    close: () => {
      for (const stop of stops) stop();
      registry.clear();
    },
  };
}

function gauges(registers: Registry[], live: LiveState, liveSockets: () => number): void {
  const perRelay = (name: string, help: string, read: (relayId: string) => number): void => {
    new Gauge<"relay">({
      name,
      help,
      labelNames: ["relay"],
      registers,
      collect() {
        this.reset();
        for (const { hello } of live.relays.list()) {
          this.set({ relay: hello.relayId }, read(hello.relayId));
        }
      },
    });
  };
  perRelay("culvert_relay_up", "1 while the relay process is connected", (id) =>
    live.relays.find(id)?.status === "connected" ? 1 : 0,
  );
  perRelay(
    "culvert_relay_restarts",
    "Restarts seen since this process started",
    (id) => live.relays.find(id)?.restarts ?? 0,
  );
  perRelay(
    "culvert_relay_memory_bytes",
    "Resident memory of the relay process",
    (id) => live.relays.find(id)?.memoryBytes ?? 0,
  );
  perRelay(
    "culvert_relay_agent_links",
    "Agent links of the relay process",
    (id) => live.relays.find(id)?.links.size ?? 0,
  );
  perRelay("culvert_relay_connections_open", "Connections open now", (id) =>
    live.connections.countOfRelay(id),
  );
  new Gauge({
    name: "culvert_live_sockets",
    help: "Browsers and machines that listen to live updates",
    registers,
    collect() {
      this.set(liveSockets());
    },
  });
}
