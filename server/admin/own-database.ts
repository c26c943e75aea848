import type { Config } from "#server/config/config.ts";
import { configWarnings } from "#server/config/derived.ts";
import { openDatabase } from "#server/db/client.ts";
import { Changes } from "#server/services/changes.ts";
import { HostNameBook } from "#server/services/http-names/host-name-book.ts";
import { reservedNames } from "#server/services/http-names/name-claims.ts";
import { LiveState } from "#server/services/live-state.ts";
import type { Installation, ServiceContext } from "#server/services/service-context.ts";
import packageJson from "../../package.json" with { type: "json" };

/** Facts about this installation, from its configuration. */
export function toInstallation(config: Config, startedAt: Date): Installation {
  return {
    publicUrl: config.http.publicUrl,
    relayHost: config.relay.host,
    relayPorts: config.relay.ports,
    edge: config.edge,
    directCidrs: config.relay.directCidrs,
    agentImage: config.agentImage ?? `culvert-agent:${packageJson.version}`,
    version: packageJson.version,
    startedAt,
    database: config.database.provider,
    warnings: configWarnings(config),
  };
}

/** Opens the database for one command, while no server has it. */
export async function withOwnDatabase<T>(
  config: Config,
  work: (context: ServiceContext) => Promise<T>,
): Promise<T> {
  const installation = toInstallation(config, new Date());
  const db = await openDatabase({ url: config.database.url });
  try {
    return await work({
      db,
      now: () => new Date(),
      // Nobody listens, and no relay runs.
      changes: new Changes(() => undefined),
      live: new LiveState(),
      hostNames: new HostNameBook(reservedNames(installation)),
      relays: { closeConnections: async () => 0 },
      installation,
    });
  } finally {
    await db.$disconnect();
  }
}
