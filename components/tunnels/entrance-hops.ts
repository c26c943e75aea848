import { formatLatency, formatRate, plural } from "#components/lib/format.ts";
import type { AgentDto } from "#protocol/api/clusters.ts";
import type { TunnelDto } from "#protocol/api/tunnels.ts";
import { NO_WIRE, type Hop, type PathFacts } from "./path-facts.ts";
import { relayEndpoint } from "./tunnel-endpoints.ts";
import { countOf } from "./traffic-words.ts";
import { splitAddress } from "./tunnel-words.ts";

export function clientHop({ tunnel, open, openCount, bytesPerSecond }: PathFacts): Hop {
  const addresses = new Set(open?.map(({ clientAddress }) => splitAddress(clientAddress).host));
  const isQuiet = openCount === 0;
  const words = isQuiet
    ? quietWords(tunnel)
    : { title: countOf(openCount, tunnel.protocol), detail: fromWords(addresses.size) };
  return {
    kind: "client",
    ...words,
    state: isQuiet ? "idle" : "ok",
    problem: null,
    wire: bytesPerSecond === null || isQuiet ? null : formatRate(bytesPerSecond),
    wireLabel: "Throughput",
  };
}

/** Clients of HTTP may come and go between two looks: only what is in flight can be told. */
function quietWords({ protocol }: TunnelDto): Pick<Hop, "title" | "detail"> {
  return protocol === "http"
    ? { title: "No request", detail: "in flight" }
    : { title: "No client", detail: "none now" };
}

/** Where they come from is known a moment later than how many they are. */
function fromWords(addressCount: number): string {
  return addressCount === 0 ? " " : `from ${plural(addressCount, "address", "addresses")}`;
}

export function endpointHop({ tunnel }: PathFacts): Hop {
  const endpoint = relayEndpoint(tunnel);
  const base = { kind: "endpoint", ...NO_WIRE } as const;
  if (endpoint === null) {
    return {
      ...base,
      title: "No endpoint",
      detail: "not published",
      state: "broken",
      problem: tunnel.phaseReason ?? "Nothing is published for this tunnel yet.",
    };
  }
  const { host, port } = splitAddress(endpoint.address);
  // Of HTTP the host name tells tunnels apart; all of them share the edge's port.
  const named =
    endpoint.kind === "edge"
      ? { ...base, title: host, detail: `port ${port}` }
      : { ...base, title: `Port ${port}`, detail: host };
  if (!tunnel.enabled) {
    return {
      ...named,
      state: "broken",
      problem: "The tunnel is switched off: new clients are refused.",
    };
  }
  if (tunnel.routingMode.effective === "direct") {
    return { ...named, detail: "no new clients", state: "idle", problem: null };
  }
  if (endpoint.problem !== null) {
    return { ...named, state: "broken", problem: endpoint.problem };
  }
  if (tunnel.phase === "closing") {
    return {
      ...named,
      state: "warning",
      problem: tunnel.phaseReason ?? "The tunnel is being closed.",
    };
  }
  if (tunnel.phase === "pending" && endpoint.verifiedAt === null) {
    return {
      ...named,
      state: "broken",
      problem: tunnel.phaseReason ?? "The relay does not listen there yet.",
    };
  }
  return { ...named, state: "ok", problem: null };
}

export function relayHop({ relays, open, agents, tunnel }: PathFacts): Hop {
  const used = new Set(open?.map(({ relayId }) => relayId));
  const serving = (relays ?? []).filter(({ status }) => status === "connected");
  const base = { kind: "relay", ...roundTrip(agents, tunnel) } as const;
  if (relays === undefined) {
    return { ...base, title: "Relay", detail: " ", state: "unknown", problem: null };
  }
  const [only] = serving.length === 1 ? serving : serving.filter(({ id }) => used.has(id));
  const title = only === undefined ? plural(serving.length, "relay") : `Relay ${only.id}`;
  if (serving.length === 0) {
    return {
      ...base,
      title: "Relay",
      detail: "not connected",
      state: "warning",
      problem:
        "The dashboard has lost the relay process: what it shows may be old. Tunnels may still run.",
    };
  }
  const detail =
    relays.length === 1
      ? "one process"
      : `${serving.length} of ${plural(relays.length, "process", "processes")}`;
  return { ...base, title, detail, state: "ok", problem: null };
}

/** Between relay and agent the link measures it; the fastest agent's stands on the wire. */
function roundTrip(
  agents: readonly AgentDto[] | undefined,
  tunnel: TunnelDto,
): Pick<Hop, "wire" | "wireLabel"> {
  const times = servingAgents(agents ?? [], tunnel)
    .flatMap(({ relays }) => relays.map(({ rttMs }) => rttMs))
    .filter((rttMs) => rttMs !== null);
  if (times.length === 0) return NO_WIRE;
  return { wire: formatLatency(Math.min(...times)), wireLabel: "Round trip of the agent link" };
}

function servingAgents(agents: readonly AgentDto[], tunnel: TunnelDto): AgentDto[] {
  return agents.filter(({ name, status }) => status !== "offline" && tunnel.agents.includes(name));
}
