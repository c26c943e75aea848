import { dialSocket } from "#mux/socket/large-read-socket.ts";
import type { CloseReason } from "#protocol/api/connections.ts";
import { toEndpoint } from "#server/lib/ip-address.ts";
import type { DirectAnswer, DirectDial } from "../connections/connection-ports.ts";
import type { DialRules } from "./dial-rules.ts";
import { describeDialError } from "./probe.ts";

/** TCP keep-alive towards the service, milliseconds: REQUIREMENTS A1. */
const KEEP_ALIVE_MS = 30_000;

const CLOSE_REASON_OF: Readonly<Record<string, CloseReason>> = {
  ECONNREFUSED: "dial_refused",
  ETIMEDOUT: "dial_timeout",
};

/**
 * Connects to a verified address for a client, after judging that very address once more.
 *
 * @param target null when no address is verified any more.
 */
export async function dialDirect(
  target: { readonly address: string; readonly port: number } | null,
  rules: DialRules,
  { timeoutMs, signal }: DirectDial,
): Promise<DirectAnswer> {
  if (target === null) return failed("dial_failed", "No direct address answers.");
  const { address, port } = target;
  const objection = await rules.findObjection(address, port);
  if (objection !== null) return failed("dial_forbidden", objection);
  try {
    const socket = await dialSocket({
      target: { host: address, port },
      timeoutMs,
      keepAliveMs: KEEP_ALIVE_MS,
      signal,
    });
    return { socket };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : null;
    const closeReason = CLOSE_REASON_OF[code ?? ""] ?? "dial_failed";
    return failed(closeReason, describeDialError(code, toEndpoint(address, port)));
  }
}

function failed(closeReason: CloseReason, detail: string): DirectAnswer {
  return { socket: null, closeReason, detail };
}
