import { formatLatency, plural } from "#components/lib/format.ts";
import type { ConnectionDto } from "#protocol/api/connections.ts";
import type { TunnelDto } from "#protocol/api/tunnels.ts";
import { NO_WIRE, type Hop, type PathFacts } from "./path-facts.ts";
import { TRAFFIC } from "./traffic-words.ts";
import { degradedReason, serviceTrouble } from "./tunnel-trouble.ts";

/** In dual mode, with every agent away, the relay connects clients to the direct address. */
export function dialsItself({ routingMode, agents, direct }: TunnelDto): boolean {
  return routingMode.effective === "dual" && agents.length === 0 && direct !== null;
}

export function gatewayHop({ direct, gateway }: TunnelDto): Hop {
  return {
    kind: "gateway",
    title: direct?.address ?? "Direct address",
    detail: `Gateway ${gateway.namespace}/${gateway.name}`,
    state: "ok",
    problem: null,
    ...NO_WIRE,
  };
}

export function agentHop({ tunnel, cluster, agents, open }: PathFacts): Hop {
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

export function backendHop({ tunnel }: PathFacts): Hop {
  const { backends } = tunnel;
  const [first] = backends;
  if (first === undefined) return noBackendHop(tunnel);
  const title =
    backends.length === 1 ? `${first.name}:${first.port}` : plural(backends.length, "backend");
  const base = { kind: "backend", title, ...NO_WIRE } as const;
  // What is ready only an agent can see.
  if (tunnel.agents.length === 0) {
    return { ...base, detail: "not known", state: "unknown", problem: null };
  }
  const ready = backends.filter((backend) => backend.ready);
  const detail = `${ready.length} of ${backends.length} ready`;
  if (ready.length === 0) {
    const refused = `No backend is ready: new ${TRAFFIC[tunnel.protocol].many} are refused.`;
    const problem = degradedReason(tunnel) ?? refused;
    return { ...base, detail, state: "broken", problem };
  }
  const trouble = serviceTrouble(tunnel);
  if (trouble !== null) {
    const problem = `${trouble.label} when it was last tried.`;
    return { ...base, detail: trouble.ofBackend ?? detail, state: "warning", problem };
  }
  const missing = backends.length - ready.length;
  if (missing === 0) return { ...base, detail, state: "ok", problem: null };
  const problem = `${plural(missing, "backend")} not ready.`;
  return { ...base, detail, state: "warning", problem };
}

/** Only routes of HTTP are published without a backend: those that redirect every request. */
function noBackendHop({ protocol, phase, phaseReason }: TunnelDto): Hop {
  const base = { kind: "backend", title: "No backend", ...NO_WIRE } as const;
  if (protocol === "http" && (phase === "active" || phase === "degraded")) {
    return { ...base, detail: "its routes only redirect", state: "idle", problem: null };
  }
  return {
    ...base,
    detail: "no route names one",
    state: "broken",
    problem: phaseReason ?? "No route of this listener names a backend.",
  };
}
