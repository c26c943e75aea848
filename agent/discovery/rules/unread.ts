import type { DiscoveryProblem } from "../discovery.ts";
import { invalidKindsOf, kindsOf, LISTENER_PROTOCOLS } from "./attach-route.ts";
import { isManaged } from "./label-selector.ts";
import type { ObjectIndex } from "./object-index.ts";
import { describeObject, type GatewayObject, type ParentRef } from "./objects.ts";

/*
 * What objects say that no listener and no route can show: told as problems rather than passed over in silence.
 */

type Finding = Omit<DiscoveryProblem, "where">;

/** Parts of a Gateway that are not read. */
export function findGatewayProblems(gateway: GatewayObject): readonly Finding[] {
  const findings: Finding[] = [];
  for (const listener of gateway.spec.listeners) {
    const { name, protocol } = listener;
    if (!LISTENER_PROTOCOLS.has(protocol)) {
      const reason = `Listener ${name} has the protocol ${protocol}, which is not supported.`;
      findings.push({ reason, code: "UnsupportedProtocol" });
      continue;
    }
    const invalid = invalidKindsOf(listener);
    // A listener with no kind left says so itself.
    if (invalid.length > 0 && kindsOf(listener).length > 0) {
      const reason = `Listener ${name} allows ${invalid.join(" and ")}, which a ${protocol} listener cannot serve; its other kinds hold.`;
      findings.push({ reason, code: "InvalidRouteKinds" });
    }
  }
  if (allowsListenerSets(gateway)) {
    findings.push({
      reason:
        "It allows ListenerSets, which are not read: only listeners of the Gateway itself are published.",
    });
  }
  return findings;
}

function allowsListenerSets(gateway: GatewayObject): boolean {
  return (gateway.spec.allowedListeners?.namespaces?.from ?? "None") !== "None";
}

interface StrayOptions {
  readonly isLenient: boolean;
  readonly managedLabels: readonly string[];
}

/**
 * References to parents that are not there or not read. A cluster is full of routes that are none of our business: there
 * only ListenerSets are worth a word, and only while one of our Gateways allows them.
 */
export function findStrayRefs(
  index: ObjectIndex,
  options: StrayOptions,
): readonly DiscoveryProblem[] {
  const known = new Set(index.gateways.map(({ metadata: m }) => `${m.namespace}/${m.name}`));
  const mindsListenerSets =
    options.isLenient ||
    index.gateways.some(
      (gateway) =>
        allowsListenerSets(gateway) && isManaged(gateway.metadata.labels, options.managedLabels),
    );
  return index.routes.flatMap((route) =>
    route.spec.parentRefs.flatMap((ref) => {
      const label = `${ref.namespace ?? route.metadata.namespace}/${ref.name}`;
      const where = describeObject(route);
      if (mindsListenerSets && isListenerSet(ref)) {
        const reason = `It names ${ref.kind} ${label}. ListenerSets are not read: name a listener of the Gateway.`;
        return [{ where, reason, code: "NoMatchingParent" }];
      }
      if (!options.isLenient || ref.kind !== "Gateway" || known.has(label)) return [];
      const reason = `It names Gateway ${label}, which does not exist here.`;
      return [{ where, reason, code: "NoMatchingParent" }];
    }),
  );
}

/** Under its experimental name too. */
function isListenerSet({ kind }: ParentRef): boolean {
  return kind === "ListenerSet" || kind === "XListenerSet";
}
