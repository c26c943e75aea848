import { z } from "zod";
import { RoutingMode } from "../api/routing.ts";
import { EndpointDto } from "../api/tunnels.ts";
import { ListenerKey } from "./inventory.ts";
import { CONTROL_LIMITS as L } from "./limits.ts";

/** Where the server publishes a listener, for agents that say so in the cluster. */
export const PublishedEndpoint = EndpointDto.pick({ kind: true, address: true });
export type PublishedEndpoint = z.infer<typeof PublishedEndpoint>;

export const PublishedListener = z.object({
  key: ListenerKey,
  mode: RoutingMode,
  endpoints: z.array(PublishedEndpoint).max(L.endpointsPerListener),
});
export type PublishedListener = z.infer<typeof PublishedListener>;

/** Every listener of the agent's cluster that is published, complete: what is absent is not. */
export const Published = z.object({
  listeners: z.array(PublishedListener).max(L.publishedListeners),
});
export type Published = z.infer<typeof Published>;
