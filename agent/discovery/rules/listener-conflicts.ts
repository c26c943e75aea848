import { hostOf } from "./attach-route.ts";
import type { Listener } from "./objects.ts";

/** Why a listener cannot be published, with the Gateway API's reason code where it has one. */
export interface ListenerProblem {
  readonly code: string | null;
  readonly message: string;
}

/** Protocols that can share a port, since the first bytes of a connection tell their host names apart. */
const SHARED_PORT: ReadonlyMap<string, string> = new Map([
  ["TCP", "tcp"],
  ["HTTP", "http"],
  ["HTTPS", "tls"],
  ["TLS", "tls"],
  // UDP has ports of its own.
  ["UDP", "udp"],
]);

/**
 * Listeners of one Gateway that cannot be told apart. None of them wins: the specification wants all of them refused.
 *
 * @returns by listener; empty when all are distinct.
 */
export function findConflicts(
  listeners: readonly Listener[],
): ReadonlyMap<Listener, ListenerProblem> {
  const conflicts = new Map<Listener, ListenerProblem>();
  // Not Map.groupBy: the agent runs on Node 20 too.
  const byPort = new Map<string, Listener[]>();
  for (const listener of listeners) {
    const { protocol, port } = listener;
    if (!SHARED_PORT.has(protocol)) continue;
    const key = `${protocol === "UDP" ? "udp" : "tcp"}/${port}`;
    byPort.set(key, [...(byPort.get(key) ?? []), listener]);
  }
  for (const group of byPort.values()) {
    if (group.length === 1) continue;
    for (const listener of group) {
      const problem = findConflict(
        listener,
        group.filter((other) => other !== listener),
      );
      if (problem !== null) conflicts.set(listener, problem);
    }
  }
  return conflicts;
}

function findConflict(listener: Listener, others: readonly Listener[]): ListenerProblem | null {
  const rivals = others.filter((other) => !canShare(listener, other));
  if (rivals.length > 0) {
    return {
      code: "ProtocolConflict",
      message: `Port ${listener.port} is also wanted by ${list(rivals)}, which cannot share it. None of them is published.`,
    };
  }
  const twins = others.filter((other) => hostOf(other) === hostOf(listener));
  if (twins.length === 0) return null;
  const host = hostOf(listener) ?? "any host";
  return {
    code: "HostnameConflict",
    message: `Port ${listener.port} for ${host} is also wanted by ${list(twins)}. None of them is published.`,
  };
}

function canShare(left: Listener, right: Listener): boolean {
  const group = SHARED_PORT.get(left.protocol);
  if (group !== SHARED_PORT.get(right.protocol) || group === "tcp" || group === "udp") return false;
  // Two modes of TLS on one port are an optional feature of the specification, and not one of ours.
  return left.protocol !== right.protocol || isPassthrough(left) === isPassthrough(right);
}

/** The API server wants a mode; a folder may leave it out, and nobody there could end TLS. */
export function isPassthrough({ protocol, tls }: Listener): boolean {
  return protocol === "TLS" && (tls?.mode ?? "Passthrough") === "Passthrough";
}

function list(listeners: readonly Listener[]): string {
  const names = listeners.map(({ name, protocol }) => `${name} (${protocol})`).join(", ");
  return `listener${listeners.length === 1 ? "" : "s"} ${names}`;
}
