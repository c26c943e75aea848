import type { DotTone } from "#components/ui/tone.ts";

const SOON_MS = 7 * 24 * 3_600_000;

interface Expiring {
  readonly expiresAt: string | null;
  readonly revokedAt?: string | null;
}

interface TokenState {
  readonly tone: DotTone;
  readonly word: "Valid" | "Expires soon" | "Expired" | "Revoked";
}

/** Whether a token or key is good, and for how much longer. */
export function tokenState({ expiresAt, revokedAt }: Expiring, now: number): TokenState {
  if (typeof revokedAt === "string") return { tone: "off", word: "Revoked" };
  const leftMs = expiresAt === null ? Infinity : new Date(expiresAt).getTime() - now;
  if (leftMs <= 0) return { tone: "danger", word: "Expired" };
  if (leftMs < SOON_MS) return { tone: "warning", word: "Expires soon" };
  return { tone: "success", word: "Valid" };
}
