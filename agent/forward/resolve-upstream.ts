import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { DialStatus } from "#protocol/control/stream-header.ts";
import type { UpstreamAddress } from "../discovery/discovery.ts";
import type { ForbiddenAddresses } from "./forbidden-addresses.ts";

export interface DialFailure {
  readonly status: Exclude<DialStatus, "ok">;
  /** Plain words for the connection's record. */
  readonly message: string;
}

export interface ResolveOptions {
  readonly forbidden: ForbiddenAddresses;
  readonly resolveName: (host: string) => Promise<readonly string[]>;
}

/** Addresses one name may lead to that are tried. */
const RESOLVED_MAX = 4;
const RESOLVE_TIMED_OUT = Symbol("resolve timed out");

/** Both address families, in the system's order. @throws the system's error. */
export async function resolveByDns(host: string): Promise<readonly string[]> {
  const found = await lookup(host, { all: true });
  return found.map(({ address }) => address);
}

/** Turns an address of a backend into those that may be dialled: each is checked after the name is resolved. */
export async function resolveUpstream(
  { host, port }: UpstreamAddress,
  deadlineAt: number,
  options: ResolveOptions,
): Promise<readonly string[] | DialFailure> {
  let found: readonly string[];
  try {
    found =
      isIP(host.split("%", 1)[0] ?? "") === 0
        ? await within(deadlineAt, options.resolveName(host))
        : [host];
  } catch (error) {
    if (error === RESOLVE_TIMED_OUT) {
      return { status: "timeout", message: `The name ${host} was not resolved in time.` };
    }
    const code = errorCode(error);
    return code === "ENOTFOUND" || code === "ENODATA"
      ? { status: "not_found", message: `The name ${host} does not exist.` }
      : { status: "failed", message: `The name ${host} could not be resolved (${code}).` };
  }
  const allowed = found.filter((address) => !options.forbidden.isForbidden(address));
  if (found.length > 0 && allowed.length === 0) {
    const message = `${describeAddress({ host, port })} is a link-local or metadata address, which is never dialled.`;
    return { status: "forbidden", message };
  }
  if (allowed.length === 0)
    return { status: "not_found", message: `The name ${host} has no address.` };
  return allowed.slice(0, RESOLVED_MAX);
}

async function within<T>(deadlineAt: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const delayMs = Math.max(0, deadlineAt - performance.now());
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- a mark, caught a few lines above
    timer = setTimeout(() => reject(RESOLVE_TIMED_OUT), delayMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

export function describeAddress({ host, port }: UpstreamAddress): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

export function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  return "code" in error ? String(error.code) : error.name;
}
