import type { DialWebSocketResult } from "#mux/transport/websocket/dial.ts";
import { findCloseCode } from "#protocol/control/close-codes.ts";
import type { LinkOutcome } from "./agent-link.ts";
import { isCertificateError } from "./describe-outcome.ts";

type DialFailure = Exclude<DialWebSocketResult, { kind: "connected" }>;

const STATUS_REASONS: Readonly<Record<number, string>> = {
  401: "token_refused",
  403: "not_allowed",
  404: "not_found",
  409: "duplicate",
  429: "too_many_links",
};

/** One word of a closed set for counting. */
export function dialFailureReason(failure: DialFailure): string {
  if (failure.kind === "refused") {
    return STATUS_REASONS[failure.status] ?? (failure.status >= 500 ? "unavailable" : "refused");
  }
  if (failure.kind !== "unreachable") return failure.kind;
  return isCertificateError(failure.code) ? "certificate" : "unreachable";
}

/** One word of a closed set for counting: the name of the close code. */
export function linkOutcomeReason(outcome: LinkOutcome): string {
  if (outcome.kind === "duplicate") return "duplicate";
  return findCloseCode(outcome.code) ?? (outcome.code === 1006 ? "cut" : "other");
}
