import {
  listenerKeyText,
  type Inventory,
  type InventoryGateway,
} from "#protocol/control/inventory.ts";
import type { Published, PublishedListener } from "#protocol/control/published.ts";

/** One Gateway of this agent's own discovery, and where its listeners are published. */
export interface GatewayFeedback {
  readonly gateway: InventoryGateway;
  /** By the listener's name. */
  readonly published: ReadonlyMap<string, PublishedListener>;
}

/** By `namespace/name`. What the server says of other Gateways is left out: it may not make the agent write to those. */
export function collectFeedback(
  inventory: Inventory,
  { listeners }: Published,
): ReadonlyMap<string, GatewayFeedback> {
  const byKey = new Map(listeners.map((listener) => [listenerKeyText(listener.key), listener]));
  return new Map(
    inventory.gateways.map((gateway) => {
      const published = new Map<string, PublishedListener>();
      for (const { name, protocol, port, hostname } of gateway.listeners) {
        const { namespace, name: of } = gateway;
        const key = listenerKeyText({ namespace, gateway: of, protocol, port, hostname });
        const found = byKey.get(key);
        if (found !== undefined) published.set(name, found);
      }
      return [`${gateway.namespace}/${gateway.name}`, { gateway, published }];
    }),
  );
}

export const ENDPOINT_ANNOTATION = "culvert.dev/endpoint";

/** All annotations of an object together may have 256 KiB; characters. */
const ANNOTATION_MAX = 64 * 1024;

/**
 * Where a Gateway is published, for people and programs: `tcp/5432=relay.example.com:15001`, with the host name after the
 * port where the listener has one, one entry for each endpoint, separated by commas.
 *
 * @returns null when nothing is published.
 */
export function describeEndpoints({ published }: GatewayFeedback): string | null {
  const entries = [...published.values()].flatMap(({ key, endpoints }) => {
    const host = key.hostname === null ? "" : `/${key.hostname}`;
    return endpoints.map(({ address }) => `${key.protocol}/${key.port}${host}=${address}`);
  });
  let text = "";
  for (const entry of entries) {
    const longer = text === "" ? entry : `${text},${entry}`;
    if (longer.length > ANNOTATION_MAX) break;
    text = longer;
  }
  return text === "" ? null : text;
}
