import { isIP } from "node:net";
import type { InventoryListener } from "#protocol/control/inventory.ts";
import { hasConditions, toConditions, type WantedCondition } from "./conditions.ts";
import type { GatewayFeedback } from "./gateway-feedback.ts";
import { buildListenerStatus, isRefused } from "./listener-status.ts";
import type { Condition, ListenerStatus, LiveGateway } from "./live-objects.ts";

const ADDRESSES_MAX = 16;

interface StatusAddress {
  readonly type: "IPAddress" | "Hostname";
  readonly value: string;
}

export interface WantedStatus {
  readonly addresses: readonly StatusAddress[];
  readonly conditions: readonly Condition[];
  readonly listeners: readonly ListenerStatus[];
}

/** The status of a Gateway of Culvert's own class, as the specification wants it. */
export function buildGatewayStatus(
  live: LiveGateway,
  feedback: GatewayFeedback,
  now: Date,
): WantedStatus {
  const context = { generation: live.metadata.generation, now };
  const known = new Map(feedback.gateway.listeners.map((listener) => [listener.name, listener]));
  const listeners = live.spec.listeners.map((listener) => {
    const present = live.status.listeners.find(({ name }) => name === listener.name);
    const found = known.get(listener.name) ?? null;
    const isPublished = feedback.published.has(listener.name);
    return buildListenerStatus(listener, { found, isPublished, present, context });
  });
  const addresses = toAddresses(feedback);
  const wanted = describeGateway(live, addresses, [...known.values()]);
  return {
    addresses,
    conditions: toConditions(wanted, live.status.conditions, context),
    listeners,
  };
}

/** True when nothing need be written. */
export function hasStatus({ status }: LiveGateway, wanted: WantedStatus): boolean {
  return (
    JSON.stringify(status.addresses.map(({ type, value }) => [type, value])) ===
      JSON.stringify(wanted.addresses.map(({ type, value }) => [type, value])) &&
    hasConditions(status.conditions, wanted.conditions) &&
    status.listeners.length === wanted.listeners.length &&
    wanted.listeners.every((listener) => hasListener(status.listeners, listener))
  );
}

function hasListener(present: readonly ListenerStatus[], wanted: ListenerStatus): boolean {
  const found = present.find(({ name }) => name === wanted.name);
  return (
    found !== undefined &&
    found.attachedRoutes === wanted.attachedRoutes &&
    JSON.stringify(found.supportedKinds.map(({ kind }) => kind)) ===
      JSON.stringify(wanted.supportedKinds.map(({ kind }) => kind)) &&
    hasConditions(found.conditions, wanted.conditions)
  );
}

/** Hosts without their ports: a status address has no place for one. Sorted, so that every agent writes the same. */
function toAddresses({ published }: GatewayFeedback): readonly StatusAddress[] {
  const hosts = new Set<string>();
  for (const { endpoints } of published.values()) {
    for (const { address } of endpoints) hosts.add(hostOf(address));
  }
  return [...hosts]
    .filter((host) => host !== "")
    .sort()
    .slice(0, ADDRESSES_MAX)
    .map((value) => ({ type: isIP(value) === 0 ? "Hostname" : "IPAddress", value }));
}

function hostOf(address: string): string {
  return address
    .replace(/:\d+$/, "")
    .replace(/^\[(.*)\]$/, "$1")
    .toLowerCase();
}

function describeGateway(
  live: LiveGateway,
  addresses: readonly StatusAddress[],
  listeners: readonly InventoryListener[],
): readonly WantedCondition[] {
  const accepted = describeAccepted(live, listeners);
  if (accepted.isTrue) return [accepted, describeProgrammed(live, addresses)];
  const message = "The Gateway is not accepted.";
  return [accepted, { type: "Programmed", isTrue: false, reason: "Invalid", message }];
}

function describeAccepted(
  { spec }: LiveGateway,
  listeners: readonly InventoryListener[],
): WantedCondition {
  const type = "Accepted";
  const unsupported = spec.addresses.find((address) => !ADDRESS_TYPES.has(address.type));
  if (unsupported !== undefined) {
    const message = `Culvert knows no addresses of type ${unsupported.type}.`;
    return { type, isTrue: false, reason: "UnsupportedAddress", message };
  }
  const refused = listeners.filter(isRefused).map(({ name }) => name);
  if (refused.length === 0) {
    return { type, isTrue: true, reason: "Accepted", message: "Culvert looks after this Gateway." };
  }
  const message = `Not accepted: ${refused.join(", ")}.`;
  const isTrue = refused.length < spec.listeners.length;
  return { type, isTrue, reason: "ListenersNotValid", message };
}

const ADDRESS_TYPES: ReadonlySet<string> = new Set(["IPAddress", "Hostname"]);

function describeProgrammed(
  { spec }: LiveGateway,
  addresses: readonly StatusAddress[],
): WantedCondition {
  const type = "Programmed";
  const given: ReadonlySet<string> = new Set(addresses.map(({ value }) => value));
  const foreign = spec.addresses.find(({ value }) => value !== "" && !given.has(value));
  if (foreign !== undefined) {
    const message = `Culvert cannot bind ${foreign.value}: leave spec.addresses out, it assigns them itself.`;
    return { type, isTrue: false, reason: "AddressNotUsable", message };
  }
  if (addresses.length === 0) {
    const message = "Nothing is published yet: no listener has a route that leads to a backend.";
    return { type, isTrue: false, reason: "AddressNotAssigned", message };
  }
  return { type, isTrue: true, reason: "Programmed", message: "Culvert publishes this Gateway." };
}
