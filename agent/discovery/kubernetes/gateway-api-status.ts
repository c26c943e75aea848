import type { GatewayApiKind, GatewayApiStatus } from "#protocol/control/inventory.ts";
import type { ServedTable } from "./served-versions.ts";
import { KNOWN_VERSIONS, SHOWN_KINDS } from "./watched-kinds.ts";

/** What the CRDs say about themselves; nulls where there are none or they may not be read. */
export interface BundleFacts {
  readonly bundleVersion: string | null;
  readonly channel: string | null;
}

/** The release that first had a kind in its standard channel. */
const STANDARD_SINCE: Readonly<Record<string, string>> = {
  TCPRoute: "1.6",
  UDPRoute: "1.6",
  TLSRoute: "1.5",
};
/** The channel that has everything older, for clusters that cannot be upgraded. */
const EXPERIMENTAL_HINT = ", or the experimental channel of an older one";

export const NOT_INSTALLED =
  "The Gateway API is not installed: install version 1.6 or later, standard channel.";

/** Whether the cluster serves anything of the Gateway API. */
export function isInstalled(table: ServedTable): boolean {
  return [...table.values()].some((served) => served.length > 0);
}

/** The best of the served versions; null when there is none that this agent can read. */
export function pickVersion(served: readonly string[]): string | null {
  return KNOWN_VERSIONS.find((version) => served.includes(version)) ?? null;
}

/** How the cluster serves the Gateway API, and what an operator can do about what is missing. */
export function describeGatewayApi(
  table: ServedTable,
  bundle: BundleFacts,
  /** Plain sentence by kind, for kinds that the agent may not read. */
  denied: ReadonlyMap<string, string>,
): GatewayApiStatus {
  const isAnyServed = isInstalled(table);
  const kinds = SHOWN_KINDS.map(({ kind }): GatewayApiKind => {
    const served = table.get(kind) ?? [];
    const version = pickVersion(served);
    const advice =
      version === null ? adviseMissing(kind, served, isAnyServed) : (denied.get(kind) ?? null);
    return { kind, version, served: [...served], advice };
  });
  return { ...bundle, kinds };
}

function adviseMissing(kind: string, served: readonly string[], isAnyServed: boolean): string {
  if (!isAnyServed) return NOT_INSTALLED;
  if (served.length > 0) {
    return `${kind} is served only as ${served.join(", ")}, which this agent cannot read: upgrade the agent.`;
  }
  const since = STANDARD_SINCE[kind];
  return since === undefined
    ? `${kind} is not installed: install Gateway API 1.2 or later (standard channel).`
    : `${kind} is not installed: install Gateway API ${since} or later (standard channel)${EXPERIMENTAL_HINT}.`;
}
