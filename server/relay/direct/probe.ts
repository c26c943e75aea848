import { connect } from "node:net";
import { toEndpoint } from "#server/lib/ip-address.ts";

/** Time to connect, milliseconds. With three probes in a row an outage is certain within ten seconds. */
export const PROBE_TIMEOUT_MS = 2_000;
/** A load balancer without a backend accepts and cuts at once: whoever is cut within this time was not answered, milliseconds. */
const HOLD_MS = 100;

export type ProbeResult =
  | { readonly isAnswering: true; readonly rttMs: number }
  | {
      readonly isAnswering: false;
      readonly reason: string;
      /** It is this machine that could not ask, which says nothing of the address. */
      readonly isInconclusive: boolean;
    };

/** The machine has no socket, port or memory left. */
const OWN_FAILURES: ReadonlySet<string | null> = new Set([
  "EMFILE",
  "ENFILE",
  "ENOBUFS",
  "ENOMEM",
  "EADDRNOTAVAIL",
]);

/**
 * Connects to exactly this address and hangs up without having sent a byte.
 *
 * @param signal cuts it short; the result then means nothing.
 */
export function probeAddress(
  target: { readonly address: string; readonly port: number },
  signal: AbortSignal,
): Promise<ProbeResult> {
  const { address, port } = target;
  const startedAtMs = performance.now();
  return new Promise((resolve) => {
    let rttMs: number | null = null;
    const socket = connect({ host: address, port, noDelay: true });
    const settle = (code: string | null): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      socket.destroy();
      if (code === null && rttMs !== null) return resolve({ isAnswering: true, rttMs });
      const reason = describeDialError(code, toEndpoint(address, port));
      resolve({ isAnswering: false, reason, isInconclusive: OWN_FAILURES.has(code) });
    };
    const onAbort = (): void => settle("ABORTED");
    let timer = setTimeout(() => settle("ETIMEDOUT"), PROBE_TIMEOUT_MS);
    signal.addEventListener("abort", onAbort, { once: true });
    socket.on("error", (error: NodeJS.ErrnoException) => settle(error.code ?? error.message));
    // Whoever speaks or ends in order is there.
    socket.once("data", () => settle(null));
    socket.once("end", () => settle(null));
    socket.once("connect", () => {
      rttMs = performance.now() - startedAtMs;
      clearTimeout(timer);
      timer = setTimeout(() => settle(null), HOLD_MS);
    });
    if (signal.aborted) onAbort();
  });
}

/** One plain sentence for an operator. */
export function describeDialError(code: string | null, where: string): string {
  switch (code) {
    case "ECONNREFUSED":
      return `${where} refuses connections.`;
    case "ETIMEDOUT":
      return `${where} does not answer.`;
    case "ECONNRESET":
      return `${where} cuts connections at once.`;
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return `There is no route to ${where}.`;
    default:
      return `${where} cannot be reached (${code ?? "no reason was given"}).`;
  }
}
