import { expect, it } from "vitest";
import { tokenState } from "./token-state.ts";

const NOW = Date.UTC(2026, 10, 21);
const DAY_MS = 86_400_000;
const inDays = (days: number): string => new Date(NOW + days * DAY_MS).toISOString();

it.each([
  [{ expiresAt: null }, "Valid"],
  [{ expiresAt: inDays(8) }, "Valid"],
  [{ expiresAt: inDays(6) }, "Expires soon"],
  [{ expiresAt: inDays(0) }, "Expired"],
  [{ expiresAt: inDays(8), revokedAt: inDays(-1) }, "Revoked"],
] as const)("calls %j %s", (token, word) => {
  expect(tokenState(token, NOW).word).toBe(word);
});
