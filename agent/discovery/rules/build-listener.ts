import type { InventoryListener, InventoryRoute } from "#protocol/control/inventory.ts";
import type { UpstreamBackend } from "../discovery.ts";
import { attach, kindsOf, LISTENER_PROTOCOLS, type Attachment } from "./attach-route.ts";
import type { ObjectIndex } from "./object-index.ts";
import type { GatewayObject, Listener } from "./objects.ts";
import { resolveBackend } from "./resolve-backend.ts";

export interface BuiltListener {
  readonly listener: InventoryListener;
  readonly backends: readonly UpstreamBackend[];
}

/** One listener of a Gateway: its routes, its backends, and why it cannot be published, if it cannot. */
export function buildListener(
  gateway: GatewayObject,
  listener: Listener,
  index: ObjectIndex,
): BuiltListener | null {
  const spec = LISTENER_PROTOCOLS.get(listener.protocol);
  if (spec === undefined) return null;
  const routes: InventoryRoute[] = [];
  const backends = new Map<string, UpstreamBackend>();
  for (const attachment of attachments(gateway, listener, index)) {
    routes.push(followRoute(attachment, index, backends));
  }
  const list = [...backends.values()];
  const hasHostname = spec.protocol === "http" || spec.protocol === "tls";
  return {
    listener: {
      name: listener.name,
      port: listener.port,
      protocol: spec.protocol,
      hostname: hasHostname && listener.hostname ? listener.hostname.toLowerCase() : null,
      routes,
      backends: list.map(({ addresses: _addresses, ...backend }) => backend),
      problem: findProblem(listener, routes, list),
      problemCode: null,
    },
    backends: list,
  };
}

function attachments(
  gateway: GatewayObject,
  listener: Listener,
  index: ObjectIndex,
): readonly Attachment[] {
  const found: Attachment[] = [];
  for (const route of index.routes) {
    const verdicts = route.spec.parentRefs
      .map((ref) => attach(route, ref, { gateway, listener }, index))
      .filter((verdict) => verdict !== null);
    // Several references may mean the same listener: one that is accepted is enough.
    const verdict = verdicts.find(({ reason }) => reason === "Accepted") ?? verdicts[0];
    if (verdict !== undefined) found.push(verdict);
  }
  return found;
}

/** Adds the backends of an accepted route, and says how the route fared. */
function followRoute(
  attachment: Attachment,
  index: ObjectIndex,
  backends: Map<string, UpstreamBackend>,
): InventoryRoute {
  const { route } = attachment;
  const { namespace, name } = route.metadata;
  const base = { kind: route.kind, namespace, name };
  if (attachment.reason !== "Accepted") {
    return { ...base, accepted: false, reason: attachment.reason, message: attachment.message };
  }
  const refs = route.spec.rules.flatMap((rule) => rule.backendRefs);
  const resolved = refs.map((ref) => resolveBackend(route, ref, index));
  for (const item of resolved) if ("backend" in item) addBackend(backends, item.backend);
  const fault = resolved.find((item) => "fault" in item);
  if (fault !== undefined && resolved.every((item) => "fault" in item)) {
    return { ...base, accepted: false, reason: fault.fault, message: fault.message };
  }
  return { ...base, accepted: true, reason: "Accepted", message: fault?.message ?? "" };
}

/** Two references to the same port of a Service are one backend with the sum of both weights. */
function addBackend(backends: Map<string, UpstreamBackend>, backend: UpstreamBackend): void {
  const key = `${backend.namespace}/${backend.name}/${backend.port}`;
  const known = backends.get(key);
  backends.set(
    key,
    known === undefined
      ? backend
      : { ...known, weight: Math.min(1_000_000, known.weight + backend.weight) },
  );
}

function findProblem(
  listener: Listener,
  routes: readonly InventoryRoute[],
  backends: readonly UpstreamBackend[],
): string | null {
  const kinds = kindsOf(listener);
  if (kinds.length === 0) {
    return `Its allowedRoutes name no kind of route that a ${listener.protocol} listener can serve.`;
  }
  if (routes.length === 0) return `No ${kinds.join(" or ")} is attached to it.`;
  if (!routes.some((route) => route.accepted)) return routes[0]?.message ?? "No route is accepted.";
  if (backends.length === 0) return "Its route names no backend.";
  if (backends.every((backend) => backend.weight === 0)) return "Every backend has weight 0.";
  return null;
}
