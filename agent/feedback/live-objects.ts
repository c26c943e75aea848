import { z } from "zod";

/*
 * Objects as the API server has them, reduced to what feedback compares and what it must not lose.
 */

const name = z.string().min(1).max(253);

const Condition = z.object({
  type: z.string(),
  status: z.enum(["True", "False", "Unknown"]),
  reason: z.string(),
  message: z.string().default(""),
  observedGeneration: z.number().optional(),
  lastTransitionTime: z.string(),
});
export type Condition = z.infer<typeof Condition>;

const conditions = z.array(Condition).default([]);

const ListenerStatus = z.object({
  name,
  attachedRoutes: z.number().default(0),
  supportedKinds: z
    .array(z.object({ group: z.string().default(""), kind: z.string() }))
    .default([]),
  conditions,
});
export type ListenerStatus = z.infer<typeof ListenerStatus>;

export const LiveGateway = z.object({
  metadata: z.object({
    namespace: name,
    name,
    uid: z.string(),
    generation: z.number().default(0),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
  spec: z.object({
    gatewayClassName: z.string().default(""),
    addresses: z
      .array(z.object({ type: z.string().default("IPAddress"), value: z.string().default("") }))
      .default([]),
    listeners: z
      .array(
        z.object({
          name,
          protocol: z.string(),
          allowedRoutes: z
            .object({
              kinds: z
                .array(
                  z.object({
                    group: z.string().default("gateway.networking.k8s.io"),
                    kind: z.string(),
                  }),
                )
                .default([]),
            })
            .default({ kinds: [] }),
        }),
      )
      .default([]),
  }),
  status: z
    .object({
      addresses: z
        .array(z.object({ type: z.string().default("IPAddress"), value: z.string() }))
        .default([]),
      conditions,
      listeners: z.array(ListenerStatus).default([]),
    })
    .default({ addresses: [], conditions: [], listeners: [] }),
});
export type LiveGateway = z.infer<typeof LiveGateway>;
export type LiveListener = LiveGateway["spec"]["listeners"][number];

export const LiveGatewayClass = z.object({
  metadata: z.object({ name, uid: z.string(), generation: z.number().default(0) }),
  spec: z.object({ controllerName: z.string() }),
  status: z.object({ conditions }).default({ conditions: [] }),
});
export type LiveGatewayClass = z.infer<typeof LiveGatewayClass>;

/** Of any object that an Event may be about. */
export const LiveHead = z.object({ metadata: z.object({ name, uid: z.string() }) });
