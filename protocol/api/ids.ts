import { z } from "zod";

/** A prefixed id: `cl_` and 20 characters of base 36 lower case (a little over 100 random bits). */
const prefixed = <B extends string>(prefix: string, _brand: B) =>
  z
    .string()
    .regex(new RegExp(`^${prefix}_[0-9a-z]{8,40}$`), `must look like ${prefix}_…`)
    .brand<B>();

export const ClusterId = prefixed("cl", "ClusterId");
export type ClusterId = z.infer<typeof ClusterId>;
export const TunnelId = prefixed("tn", "TunnelId");
export type TunnelId = z.infer<typeof TunnelId>;
export const AgentId = prefixed("ag", "AgentId");
export type AgentId = z.infer<typeof AgentId>;
export const ConnectionId = prefixed("cn", "ConnectionId");
export type ConnectionId = z.infer<typeof ConnectionId>;
export const AuditEventId = prefixed("ev", "AuditEventId");
export type AuditEventId = z.infer<typeof AuditEventId>;
export const TokenId = prefixed("tk", "TokenId");
export type TokenId = z.infer<typeof TokenId>;
export const ApiKeyId = prefixed("ak", "ApiKeyId");
export type ApiKeyId = z.infer<typeof ApiKeyId>;
/** Short on purpose: one relay process of an installation, `rl_1`. */
export const RelayId = z
  .string()
  .regex(/^rl_[0-9a-z]{1,40}$/, "must look like rl_…")
  .brand<"RelayId">();
export type RelayId = z.infer<typeof RelayId>;
