import { z } from "zod";
import { PageQuery, Timestamp, page } from "./common.ts";
import { AuditEventId } from "./ids.ts";

export const ActorKind = z.enum(["user", "api_key", "system", "command_line"]);
export type ActorKind = z.infer<typeof ActorKind>;

/** Closed set: the dashboard has a sentence for each. */
export const AUDIT_ACTIONS = [
  "cluster.create",
  "cluster.rename",
  "cluster.delete",
  "cluster.force_tunnel",
  "cluster.connected",
  "cluster.offline",
  "tunnel.force_tunnel",
  "tunnel.routing_mode",
  "tunnel.enable",
  "tunnel.policy",
  "tunnel.published",
  "tunnel.withdrawn",
  "tunnel.removed",
  "tunnel.direct_verified",
  "tunnel.direct_lost",
  "fleet.force_tunnel",
  "token.create",
  "token.revoke",
  "api_key.create",
  "api_key.revoke",
  "user.create",
  "user.sign_in",
  "user.sign_out",
  "connection.close",
  "connections.close",
  "relay.restarted",
] as const;
export const AuditAction = z.enum(AUDIT_ACTIONS);
export type AuditAction = z.infer<typeof AuditAction>;

export const AuditEventDto = z.object({
  id: AuditEventId,
  at: Timestamp,
  actor: z.object({ kind: ActorKind, id: z.string().nullable(), name: z.string() }),
  action: AuditAction,
  object: z.object({
    kind: z.enum(["cluster", "tunnel", "fleet", "token", "api_key", "user", "connection", "relay"]),
    id: z.string().nullable(),
    name: z.string(),
  }),
  before: z.record(z.string(), z.unknown()).nullable(),
  after: z.record(z.string(), z.unknown()).nullable(),
  /** Network address of the actor; null for the system. */
  address: z.string().nullable(),
});
export type AuditEventDto = z.infer<typeof AuditEventDto>;
export const AuditPage = page(AuditEventDto);

export const AuditListQuery = PageQuery.extend({
  objectKind: AuditEventDto.shape.object.shape.kind.optional(),
  objectId: z.string().max(60).optional(),
  action: AuditAction.optional(),
});
export type AuditListQuery = z.infer<typeof AuditListQuery>;
