import type { DiscoveryProblem } from "../discovery.ts";
import { judgeRef, LISTENER_PROTOCOLS, type Attachment } from "./attach-route.ts";
import type { ObjectIndex } from "./object-index.ts";
import {
  describeObject,
  type GatewayObject,
  type Listener,
  type ParentRef,
  type RouteObject,
} from "./objects.ts";

export type Attachments = ReadonlyMap<Listener, ReadonlyMap<RouteObject, Attachment>>;

/**
 * The routes of each listener of a Gateway, accepted or refused. What reaches no listener that is shown is reported as
 * a problem of the route, since nobody else would ever mention it.
 */
export function attachRoutes(
  gateway: GatewayObject,
  index: ObjectIndex,
  problems: DiscoveryProblem[],
): Attachments {
  const { namespace, name } = gateway.metadata;
  const all = new Map<Listener, Map<RouteObject, Attachment>>();
  for (const { route, ref } of index.listRefs(namespace, name)) {
    const attachments = judgeRef({ route, ref }, gateway, index);
    for (const attachment of attachments) add(all, attachment);
    if (attachments.length === 0) problems.push(noMatchingParent(route, ref, gateway));
    else if (!attachments.some(({ listener }) => LISTENER_PROTOCOLS.has(listener.protocol))) {
      const reason = `Gateway ${namespace}/${name} has no listener for a ${route.kind}.`;
      problems.push({ where: describeObject(route), reason, code: "NotAllowedByListeners" });
    }
  }
  return all;
}

/** Several references may mean the same listener: one that is accepted is enough. */
function add(all: Map<Listener, Map<RouteObject, Attachment>>, attachment: Attachment): void {
  const { listener, route } = attachment;
  const ofListener = all.get(listener) ?? new Map<RouteObject, Attachment>();
  all.set(listener, ofListener);
  if (ofListener.get(route)?.reason !== "Accepted") ofListener.set(route, attachment);
}

function noMatchingParent(
  route: RouteObject,
  ref: ParentRef,
  gateway: GatewayObject,
): DiscoveryProblem {
  const { namespace, name } = gateway.metadata;
  const section = ref.sectionName === undefined ? "" : ` named ${ref.sectionName}`;
  const port = ref.port === undefined ? "" : ` with port ${ref.port}`;
  return {
    where: describeObject(route),
    reason: `Gateway ${namespace}/${name} has no listener${section}${port}.`,
    code: "NoMatchingParent",
  };
}
