import type { AuditAction } from "#protocol/api/audit.ts";

const WITHDRAWALS: ReadonlySet<AuditAction> = new Set(["api_key.revoke", "user.sign_out"]);

/** True when somebody may have lost the right to listen: whoever holds something open looks at its credentials again. */
export function withdrawsCredentials(action: AuditAction): boolean {
  return WITHDRAWALS.has(action);
}
