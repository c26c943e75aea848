import type { LiveRelays } from "./live-relays.ts";

/** Says why nothing listens where clients of a tunnel connect, one plain sentence; null while somebody may. */
export function listenTrouble(
  { relays }: { readonly relays: Pick<LiveRelays, "listenFailureOf"> },
  tunnelId: string,
): string | null {
  const failure = relays.listenFailureOf(tunnelId);
  return failure && (failure.reason ?? `Port ${failure.port} cannot be opened.`);
}
