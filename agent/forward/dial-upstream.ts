import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { DialStatus } from "#protocol/control/stream-header.ts";
import type { ByteSocket } from "#mux/socket/byte-socket.ts";
import { dialSocket } from "#mux/socket/large-read-socket.ts";
import type { UpstreamAddress } from "../discovery/discovery.ts";
import type { ForbiddenAddresses } from "./forbidden-addresses.ts";

export type DialResult =
  | { readonly status: "ok"; readonly socket: ByteSocket; readonly address: string }
  | { readonly status: Exclude<DialStatus, "ok">; readonly message: string };

export interface DialUpstreamOptions {
  readonly forbidden: ForbiddenAddresses;
  /** For everything together: name look-up and every address tried. */
  readonly timeoutMs: number;
  /** TCP keep-alive, milliseconds; 0 turns it off. */
  readonly keepAliveMs: number;
  readonly signal: AbortSignal;
  readonly resolveName: (host: string) => Promise<readonly string[]>;
}

/** Both address families, in the system's order. @throws the system's error. */
export async function resolveByDns(host: string): Promise<readonly string[]> {
  const found = await lookup(host, { all: true });
  return found.map(({ address }) => address);
}

/** Addresses one name may lead to that are tried. */
const RESOLVED_MAX = 4;
const RESOLVE_TIMED_OUT = Symbol("resolve timed out");

/**
 * Dials the addresses of a backend in turn until one answers. Never rejects.
 *
 * Every address is checked after the name is resolved, and the checked address itself is dialled: a name that changes
 * in between leads nowhere new.
 */
export async function dialUpstream(
  addresses: readonly UpstreamAddress[],
  options: DialUpstreamOptions,
): Promise<DialResult> {
  const deadlineAt = performance.now() + options.timeoutMs;
  let last: DialResult = { status: "no_backend", message: "The backend has no ready address." };
  for (const target of addresses) {
    const resolved = await resolve(target, deadlineAt, options);
    if (!Array.isArray(resolved)) {
      last = resolved;
      continue;
    }
    for (const [index, host] of resolved.entries()) {
      const isLast = target === addresses.at(-1) && index === resolved.length - 1;
      last = await dialOne({ host, port: target.port }, { deadlineAt, isLast }, options);
      if (last.status === "ok" || options.signal.aborted) return last;
    }
  }
  return last;
}

async function resolve(
  { host, port }: UpstreamAddress,
  deadlineAt: number,
  options: DialUpstreamOptions,
): Promise<string[] | DialResult> {
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
    const message = `${describe({ host, port })} is a link-local or metadata address, which is never dialled.`;
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

async function dialOne(
  target: UpstreamAddress,
  turn: { readonly deadlineAt: number; readonly isLast: boolean },
  options: DialUpstreamOptions,
): Promise<DialResult> {
  const address = describe(target);
  const leftMs = Math.floor(turn.deadlineAt - performance.now());
  // An address that does not answer must leave time for the ones after it.
  const timeoutMs = turn.isLast ? leftMs : Math.ceil(leftMs / 2);
  if (timeoutMs <= 0) return { status: "timeout", message: `${address} did not answer in time.` };
  try {
    const socket = await dialSocket({
      target: { host: target.host, port: target.port, allowHalfOpen: true },
      timeoutMs,
      keepAliveMs: options.keepAliveMs,
      signal: options.signal,
    });
    return { status: "ok", socket, address };
  } catch (error) {
    return describeFailure(address, errorCode(error));
  }
}

function describeFailure(address: string, code: string): DialResult {
  switch (code) {
    case "ECONNREFUSED":
      return { status: "refused", message: `${address} refused the connection.` };
    case "ETIMEDOUT":
      return { status: "timeout", message: `${address} did not answer in time.` };
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return { status: "failed", message: `There is no route to ${address} (${code}).` };
    default:
      return { status: "failed", message: `${address} could not be reached (${code}).` };
  }
}

function describe({ host, port }: UpstreamAddress): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  return "code" in error ? String(error.code) : error.name;
}
