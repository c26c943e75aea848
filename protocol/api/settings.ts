import { z } from "zod";
import { Timestamp } from "./common.ts";
import { RelayId } from "./ids.ts";

export const RelayDto = z.object({
  id: RelayId,
  status: z.enum(["connected", "lost"]),
  startedAt: Timestamp,
  /** Restarts seen since the web process started. */
  restarts: z.number().int(),
  agentLinks: z.number().int(),
  connectionsOpen: z.number().int(),
  /** Resident memory, bytes. */
  memoryBytes: z.number().int(),
});
export type RelayDto = z.infer<typeof RelayDto>;

/** Where HTTP tunnels are served, all on one port. */
export const EdgeDto = z.object({
  /** Each tunnel's own name lies below it. */
  domain: z.string(),
  port: z.number().int(),
  /** `closed` while there is no HTTP tunnel to serve, `failed` when a relay could not open the port. */
  state: z.enum(["listening", "failed", "closed"]),
  /** Of `failed`, in plain words; else null. */
  reason: z.string().nullable(),
});
export type EdgeDto = z.infer<typeof EdgeDto>;

export const SettingsDto = z.object({
  forceTunnel: z.boolean(),
  forcedBy: z.object({ setBy: z.string(), setAt: Timestamp }).nullable(),
  /** What forcing or releasing would touch now. */
  impact: z.object({
    clusters: z.number().int(),
    tunnels: z.number().int(),
    connectionsOpen: z.number().int(),
  }),
  relayHost: z.string(),
  relayPorts: z.object({ from: z.number().int(), to: z.number().int(), leased: z.number().int() }),
  edge: EdgeDto,
  publicUrl: z.string(),
  /** The agent's container image; a name without a registry is one that the installation never named. */
  agentImage: z.string(),
  version: z.string(),
  database: z.enum(["sqlite", "postgres"]),
  startedAt: Timestamp,
  relays: z.array(RelayDto),
  /** Plain sentences an administrator should read (for example: relay host equals the dashboard's host). */
  warnings: z.array(z.string()),
});
export type SettingsDto = z.infer<typeof SettingsDto>;

export const PatchSettingsBody = z.strictObject({ forceTunnel: z.boolean() });
export type PatchSettingsBody = z.infer<typeof PatchSettingsBody>;
