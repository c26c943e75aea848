import { comparePatterns, coversHost, isAtOrBelow } from "#server/lib/host-patterns.ts";

/** An HTTP tunnel, and the host names that its routes ask for. */
export interface NameClaim {
  readonly tunnelId: string;
  readonly clusterId: string;
  readonly clusterName: string;
  readonly namespace: string;
  readonly gateway: string;
  readonly port: number;
  /** Of the listener; null = any host. */
  readonly listenerHostname: string | null;
  readonly createdAt: Date;
  /** A tunnel that waits as pending holds no name. */
  readonly isPublished: boolean;
  readonly hostnames: readonly string[];
}

export interface ReservedNames {
  /** Names at or below it belong to nobody. */
  readonly edgeDomain: string;
  /** The dashboard's own: its cookies must reach no tunnel. */
  readonly publicHost: string;
}

export interface HostName {
  readonly name: string;
  /** Why requests for it do not come to the tunnel that asks for it, one plain sentence; null when they do. */
  readonly problem: string | null;
}

export interface HostNames {
  /** Every name that a tunnel's routes ask for, in their order. */
  of(tunnelId: string): readonly HostName[];
}

/** The listeners of one port of a Gateway: they share what belongs to them. */
interface Group {
  readonly claims: NameClaim[];
  oldest: NameClaim;
}

/**
 * Decides to whom host names belong: to the port of a Gateway whose oldest tunnel was created first, among those that
 * ask for the name and are published. Within it, to the listener whose own host name covers the name most closely.
 *
 * Pure. What it costs grows with the number of names; sentences are made for the tunnels that are asked for.
 */
export function assignHostNames(claims: readonly NameClaim[], reserved: ReservedNames): HostNames {
  const groups = new Map<string, Group>();
  for (const claim of claims) join(groups, claim);
  const owners = new Map<string, Group>();
  for (const group of groups.values()) {
    for (const { isPublished, hostnames } of group.claims) {
      if (!isPublished) continue;
      for (const name of hostnames) {
        const owner = owners.get(name);
        if (owner === undefined || isOlder(group.oldest, owner.oldest)) owners.set(name, group);
      }
    }
  }
  const byTunnel = new Map(claims.map((claim) => [claim.tunnelId, claim]));
  return {
    of: (tunnelId) => {
      const claim = byTunnel.get(tunnelId);
      if (claim === undefined) return [];
      const group = groups.get(groupKey(claim));
      return claim.hostnames.map((name) => ({
        name,
        problem:
          reservedProblem(name, reserved) ??
          (claim.isPublished ? null : "The tunnel is not published.") ??
          ownerProblem(claim, group, owners.get(name)) ??
          listenerProblem(name, claim, group),
      }));
    },
  };
}

function join(groups: Map<string, Group>, claim: NameClaim): void {
  const key = groupKey(claim);
  const group = groups.get(key);
  if (group === undefined) {
    groups.set(key, { claims: [claim], oldest: claim });
    return;
  }
  group.claims.push(claim);
  if (isOlder(claim, group.oldest)) group.oldest = claim;
}

function groupKey({ clusterId, namespace, gateway, port }: NameClaim): string {
  return `${clusterId} ${namespace} ${gateway} ${port}`;
}

function isOlder(a: NameClaim, b: NameClaim): boolean {
  const difference = a.createdAt.getTime() - b.createdAt.getTime();
  return difference === 0 ? a.tunnelId < b.tunnelId : difference < 0;
}

function reservedProblem(name: string, { edgeDomain, publicHost }: ReservedNames): string | null {
  if (name === publicHost) return "It is the dashboard's own name.";
  // A wildcard asks for names below the domain without being one.
  return isAtOrBelow(name.replace(/^\*\./, ""), edgeDomain)
    ? `Names of ${edgeDomain} are given by Culvert itself.`
    : null;
}

function ownerProblem(
  claim: NameClaim,
  group: Group | undefined,
  owner: Group | undefined,
): string | null {
  if (owner === undefined || owner === group) return null;
  const { oldest } = owner;
  const where = oldest.clusterId === claim.clusterId ? "" : ` of cluster ${oldest.clusterName}`;
  return `It belongs to port ${oldest.port} of Gateway ${oldest.namespace}/${oldest.gateway}${where}, which was there first.`;
}

/** Another listener of the port is asked although this one's route names the host: Gateway API, listener isolation. */
function listenerProblem(name: string, claim: NameClaim, group: Group | undefined): string | null {
  const closer = group?.claims.find(
    ({ listenerHostname: hostname }) =>
      comparePatterns(hostname, claim.listenerHostname) < 0 && coversHost(hostname, name),
  );
  if (closer === undefined) return null;
  return `The Gateway's listener for ${closer.listenerHostname} takes it.`;
}
