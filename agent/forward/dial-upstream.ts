import type { ByteSocket } from "#mux/socket/byte-socket.ts";
import { dialSocket } from "#mux/socket/large-read-socket.ts";
import type { UpstreamAddress } from "../discovery/discovery.ts";
import {
  describeAddress,
  errorCode,
  resolveUpstream,
  type DialFailure,
  type ResolveOptions,
} from "./resolve-upstream.ts";

export type DialResult =
  { readonly status: "ok"; readonly socket: ByteSocket; readonly address: string } | DialFailure;

export interface DialUpstreamOptions extends ResolveOptions {
  /** For everything together: name look-up and every address tried. */
  readonly timeoutMs: number;
  /** TCP keep-alive, milliseconds; 0 turns it off. */
  readonly keepAliveMs: number;
  readonly signal: AbortSignal;
}

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
    const resolved = await resolveUpstream(target, deadlineAt, options);
    if ("status" in resolved) {
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

async function dialOne(
  target: UpstreamAddress,
  turn: { readonly deadlineAt: number; readonly isLast: boolean },
  options: DialUpstreamOptions,
): Promise<DialResult> {
  const address = describeAddress(target);
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

function describeFailure(address: string, code: string): DialFailure {
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
