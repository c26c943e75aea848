import { listenerKeyText } from "#protocol/control/inventory.ts";
import { TunnelPhase, TunnelProtocol } from "#protocol/api/tunnels.ts";
import type { TunnelRow } from "#server/services/tunnels/tunnel-row.ts";
import { decidePhase, type PhaseDecision } from "#server/services/tunnels/tunnel-phase.ts";
import type { TunnelSpec } from "#server/services/tunnels/tunnel-spec.ts";
import { problemOf } from "./listener-problem.ts";
import type { UnionListener } from "./union.ts";

/** A vanished listener may come back within this time and find its port again, milliseconds. */
export const CLOSING_MIN_MS = 5_000;
/** Established connections of a vanished listener live on for at most this long, milliseconds. */
export const CLOSING_MAX_MS = 60_000;

/** What is known right now about a tunnel, beside what is stored. */
export interface LiveFacts {
  /** Why it does not work, in plain words; null while it does. */
  readonly trouble: string | null;
  readonly openConnections: number;
}

export interface PlannedTunnel {
  readonly listener: UnionListener;
  readonly spec: TunnelSpec;
  readonly decision: PhaseDecision;
  readonly needsLease: boolean;
}

export interface TunnelPlan {
  readonly create: readonly PlannedTunnel[];
  /** Only what differs from what is stored. */
  readonly update: readonly (PlannedTunnel & { readonly row: TunnelRow })[];
  /** Listeners that vanished just now. */
  readonly close: readonly TunnelRow[];
  /** Vanished long enough ago. */
  readonly remove: readonly TunnelRow[];
  /** When time alone will change the plan next; null when it will not. */
  readonly dueAt: Date | null;
}

export interface PlanInput {
  readonly rows: readonly TunnelRow[];
  /** Null: nobody who could know is connected, so what is stored stands. */
  readonly union: ReadonlyMap<string, UnionListener> | null;
  readonly now: Date;
  /** `row` is null for a tunnel that is not stored yet. */
  readonly liveFactsOf: (row: TunnelRow | null, spec: TunnelSpec) => LiveFacts;
  readonly specOf: (row: TunnelRow) => TunnelSpec;
}

/** Compares what is stored with what is seen. Pure: applying the plan is the caller's part. */
export function planTunnels(input: PlanInput): TunnelPlan {
  const known = new Set(input.rows.map(keyTextOf));
  const create = [...(input.union ?? [])]
    .filter(([text]) => !known.has(text))
    .map(([, listener]) =>
      planOne(listener, null, input.liveFactsOf(null, toSpec(listener)).trouble),
    );
  const update: (PlannedTunnel & { row: TunnelRow })[] = [];
  const close: TunnelRow[] = [];
  const remove: TunnelRow[] = [];
  const due: number[] = [];
  for (const row of input.rows) {
    const listener = reportedListener(row, input);
    if (listener !== undefined) {
      const { trouble } = input.liveFactsOf(row, toSpec(listener));
      const planned = { row, ...planOne(listener, row, trouble) };
      if (isChanged(planned)) update.push(planned);
      continue;
    }
    const dueAt = vanishDueAt(row, input.liveFactsOf(row, input.specOf(row)), input.now);
    if (dueAt === null) remove.push(row);
    else due.push(dueAt);
    if (row.closingAt === null) close.push(row);
  }
  const dueAt = due.length === 0 ? null : new Date(Math.min(...due));
  return { create, update, close, remove, dueAt };
}

function isChanged({ row, spec, decision, needsLease }: PlannedTunnel & { row: TunnelRow }) {
  return (
    needsLease ||
    row.closingAt !== null ||
    row.phase !== decision.phase ||
    row.phaseReason !== decision.phaseReason ||
    row.spec !== JSON.stringify(spec)
  );
}

/** The listener of a stored tunnel; undefined when it vanished. While nobody could know, the last union stands. */
function reportedListener(row: TunnelRow, { union, specOf }: PlanInput): UnionListener | undefined {
  if (union !== null) return union.get(keyTextOf(row));
  return row.phase === "closing" ? undefined : storedListener(row, specOf(row));
}

/** When to look at a vanished tunnel again, milliseconds; null when its time is over. */
function vanishDueAt(row: TunnelRow, { openConnections }: LiveFacts, now: Date): number | null {
  if (row.closingAt === null) return now.getTime() + CLOSING_MIN_MS;
  const removableAt =
    row.closingAt.getTime() + (openConnections > 0 ? CLOSING_MAX_MS : CLOSING_MIN_MS);
  if (removableAt <= now.getTime()) return null;
  // Connections may all end before the bound.
  return Math.min(removableAt, now.getTime() + CLOSING_MIN_MS);
}

function planOne(
  listener: UnionListener,
  row: TunnelRow | null,
  trouble: string | null,
): PlannedTunnel {
  const spec = toSpec(listener);
  const current = row === null ? "pending" : TunnelPhase.parse(row.phase);
  const hasLease = row !== null && row.lease !== null;
  // Whether a port is left is known when it is taken: the plan assumes that there is one.
  const decision = decidePhase(current, { problem: spec.problem, trouble });
  // HTTP tunnels share the edge's port.
  const isFoundByPort = listener.key.protocol !== "http";
  const needsLease = isFoundByPort && decision.phase !== "pending" && !hasLease;
  return { listener, spec, decision, needsLease };
}

export function toSpec({ gateway, listener, reportedBy }: UnionListener): TunnelSpec {
  return {
    listener: listener.name,
    backends: listener.backends,
    addresses: gateway.addresses,
    annotation: gateway.routingMode,
    idleTimeoutMs: gateway.idleTimeoutMs,
    problem: problemOf(listener),
    reportedBy: [...reportedBy].sort(),
    ...(listener.http === undefined ? {} : { http: listener.http }),
  };
}

export function keyTextOf(row: TunnelRow): string {
  return listenerKeyText({
    namespace: row.namespace,
    gateway: row.gateway,
    protocol: TunnelProtocol.parse(row.protocol),
    port: row.port,
    hostname: row.hostname === "" ? null : row.hostname,
  });
}

/** The last union stands: the listener as it was stored. */
function storedListener(row: TunnelRow, spec: TunnelSpec): UnionListener {
  const hostname = row.hostname === "" ? null : row.hostname;
  const protocol = TunnelProtocol.parse(row.protocol);
  const { namespace, gateway: name, port } = row;
  return {
    key: { namespace, gateway: name, protocol, port, hostname },
    gateway: {
      namespace,
      name,
      addresses: spec.addresses,
      routingMode: spec.annotation,
      idleTimeoutMs: spec.idleTimeoutMs,
      listeners: [],
    },
    listener: {
      name: spec.listener,
      port,
      protocol,
      hostname,
      routes: [],
      backends: spec.backends,
      problem: spec.problem,
      problemCode: null,
      ...(spec.http === undefined ? {} : { http: spec.http }),
    },
    reportedBy: spec.reportedBy,
  };
}
