import type { z } from "zod";
import { formatLatency, formatRate, plural } from "#components/lib/format.ts";
import type { AgentDto, ClusterDto } from "#protocol/api/clusters.ts";
import type { ConnectionDto } from "#protocol/api/connections.ts";
import { EDGE_ERRORS, type EdgeErrorCode } from "#protocol/api/http-figures.ts";
import type { HttpRequestDto } from "#protocol/api/requests.ts";
import type { RelayDto } from "#protocol/api/settings.ts";
import type { TunnelDto } from "#protocol/api/tunnels.ts";
import { relayEndpoint } from "./tunnel-endpoints.ts";
import { countOf, TRAFFIC } from "./traffic-words.ts";
import { splitAddress } from "./tunnel-words.ts";

/** `idle` nothing to say · `unknown` the facts are still on their way. */
export type HopState = "ok" | "warning" | "broken" | "idle" | "unknown";
export type HopKind = "client" | "endpoint" | "relay" | "agent" | "backend" | "gateway";

export interface Hop {
  readonly kind: HopKind;
  readonly title: string;
  readonly detail: string;
  readonly state: HopState;
  /** What is wrong, one sentence; null while nothing is. */
  readonly problem: string | null;
  /** On the wire to the next hop: a rate, a round trip. */
  readonly wire: string | null;
  /** What the number on the wire is, for its accessible name. */
  readonly wireLabel: string | null;
}

export interface PathFacts {
  readonly tunnel: TunnelDto;
  /** Undefined while it is on its way. */
  readonly cluster: Pick<ClusterDto, "name" | "status"> | undefined;
  readonly agents: readonly AgentDto[] | undefined;
  readonly relays: readonly z.output<typeof RelayDto>[] | undefined;
  readonly open: readonly ConnectionDto[] | undefined;
  /** In and out together, bytes per second; null before it is measured. */
  readonly bytesPerSecond: number | null;
  /** Open now, of the last second. */
  readonly openCount: number;
  /** The newest request of an HTTP tunnel that is over. */
  readonly lastRequest?: Pick<HttpRequestDto, "error"> | undefined;
}

const NO_WIRE = { wire: null, wireLabel: null } as const;

/** The way of a byte through the relay, hop by hop, each with its state: client, endpoint, relay, agents, backends. */
export function drawPath(facts: PathFacts): Hop[] {
  const hops = [
    clientHop(facts),
    endpointHop(facts),
    relayHop(facts),
    agentHop(facts),
    dialsItself(facts.tunnel) ? gatewayHop(facts.tunnel) : backendHop(facts),
  ];
  const { enabled, routingMode } = facts.tunnel;
  return enabled && routingMode.effective === "direct" ? hops.map(asStandby) : hops;
}

/** New clients do not come this way: what is broken here hurts nobody now. */
function asStandby(hop: Hop): Hop {
  return hop.state === "broken" ? { ...hop, state: "warning" } : hop;
}

/** In dual mode, with every agent away, the relay connects clients to the direct address. */
function dialsItself({ routingMode, agents, direct }: TunnelDto): boolean {
  return routingMode.effective === "dual" && agents.length === 0 && direct !== null;
}

function gatewayHop({ direct, gateway }: TunnelDto): Hop {
  return {
    kind: "gateway",
    title: direct?.address ?? "Direct address",
    detail: `Gateway ${gateway.namespace}/${gateway.name}`,
    state: "ok",
    problem: null,
    ...NO_WIRE,
  };
}

/** The first hop that stops or hurts traffic. */
export function findProblem(hops: readonly Hop[]): Hop | null {
  return (
    hops.find(({ state }) => state === "broken") ??
    hops.find(({ state, problem }) => state === "warning" && problem !== null) ??
    null
  );
}

function clientHop({ tunnel, open, openCount, bytesPerSecond }: PathFacts): Hop {
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

function endpointHop({ tunnel }: PathFacts): Hop {
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

function relayHop({ relays, open, agents, tunnel }: PathFacts): Hop {
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

function agentHop({ tunnel, cluster, agents, open }: PathFacts): Hop {
  const [first] = tunnel.agents;
  const base = { kind: "agent", ...answerTime(tunnel, open) } as const;
  if (first === undefined) {
    const isOffline = cluster?.status === "offline" || cluster?.status === "waiting";
    const detail = dialsItself(tunnel) ? "the relay does without" : tunnel.clusterName;
    const named = { ...base, ...NO_WIRE, title: "No agent", detail };
    return { ...named, ...withoutAgent(tunnel, isOffline) };
  }
  const draining = (agents ?? []).filter(
    ({ name, status }) => status === "draining" && tunnel.agents.includes(name),
  );
  const title = tunnel.agents.length === 1 ? first : plural(tunnel.agents.length, "agent");
  const detail =
    tunnel.agents.length === 1 ? tunnel.clusterName : tunnel.agents.slice(0, 3).join(", ");
  return draining.length === tunnel.agents.length && draining.length > 0
    ? { ...base, title, detail, state: "warning", problem: "Its agents are shutting down." }
    : { ...base, title, detail, state: "ok", problem: null };
}

/** What it means that no agent is there, by the mode in force. */
function withoutAgent(
  { clusterName, routingMode }: TunnelDto,
  isOffline: boolean,
): Pick<Hop, "state" | "problem"> {
  const away = isOffline
    ? `No agent of ${clusterName} is connected`
    : `No connected agent of ${clusterName} serves this tunnel`;
  switch (routingMode.effective) {
    case "tunnel":
      return {
        state: "broken",
        problem: `${away}: new clients wait briefly and are then refused.`,
      };
    case "dual":
      return {
        state: "warning",
        problem: `${away}: the relay connects new clients to the direct address itself.`,
      };
    case "direct":
      return {
        state: "warning",
        problem: `${away}: nothing can take over if the direct address stops answering.`,
      };
  }
}

/** How long the service took to answer: of HTTP as the relay counted it, else the middle of the open connections. */
function answerTime(
  { http }: TunnelDto,
  open: readonly ConnectionDto[] | undefined,
): Pick<Hop, "wire" | "wireLabel"> {
  if (http !== null) {
    if (http.latencyMs === null) return NO_WIRE;
    const wire = formatLatency(http.latencyMs.p50);
    return { wire, wireLabel: "Time to first byte, median of the last five minutes" };
  }
  const times = (open ?? [])
    .map(({ openLatencyMs }) => openLatencyMs)
    .filter((time) => time !== null)
    .toSorted((a, b) => a - b);
  const middle = times[Math.floor(times.length / 2)];
  if (middle === undefined) return NO_WIRE;
  return { wire: formatLatency(middle), wireLabel: "Connect time, median of open connections" };
}

/** What only the service can be to blame for. */
const SERVICE_ERRORS: readonly (EdgeErrorCode | null)[] = [
  "backend_refused",
  "backend_failed",
  "backend_timeout",
];

function backendHop({ tunnel, lastRequest }: PathFacts): Hop {
  const { backends } = tunnel;
  const ready = backends.filter((backend) => backend.ready);
  const [first] = backends;
  const base = { kind: "backend", ...NO_WIRE } as const;
  if (first === undefined) {
    return {
      ...base,
      title: "No backend",
      detail: "no route names one",
      state: "broken",
      problem: tunnel.phaseReason ?? "No route of this listener names a backend.",
    };
  }
  const title =
    backends.length === 1 ? `${first.name}:${first.port}` : plural(backends.length, "backend");
  // What is ready only an agent can see.
  if (tunnel.agents.length === 0) {
    return { ...base, title, detail: "not known", state: "unknown", problem: null };
  }
  const detail = `${ready.length} of ${backends.length} ready`;
  if (ready.length === 0) {
    return {
      ...base,
      title,
      detail,
      state: "broken",
      problem: `No backend is ready: new ${TRAFFIC[tunnel.protocol].many} are refused.`,
    };
  }
  const error = lastRequest?.error ?? null;
  if (error !== null && SERVICE_ERRORS.includes(error)) {
    const problem = `${EDGE_ERRORS[error].label}, when it was last asked.`;
    return { ...base, title, detail, state: "warning", problem };
  }
  const missing = backends.length - ready.length;
  return missing === 0
    ? { ...base, title, detail, state: "ok", problem: null }
    : {
        ...base,
        title,
        detail,
        state: "warning",
        problem: `${plural(missing, "backend")} not ready.`,
      };
}
