import { clientHop, endpointHop, relayHop } from "./entrance-hops.ts";
import type { Hop, PathFacts } from "./path-facts.ts";
import { agentHop, backendHop, dialsItself, gatewayHop } from "./service-hops.ts";

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

/** The first hop that stops or hurts traffic. */
export function findProblem(hops: readonly Hop[]): Hop | null {
  return (
    hops.find(({ state }) => state === "broken") ??
    hops.find(({ state, problem }) => state === "warning" && problem !== null) ??
    null
  );
}
