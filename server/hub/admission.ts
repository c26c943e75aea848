import type { IncomingMessage } from "node:http";
import { findUpgradeFault } from "#mux/transport/websocket/accept.ts";
import type { ClusterId } from "#protocol/api/ids.ts";
import type { DesiredToken } from "#protocol/relay/desired-state.ts";
import type { AgentTokens } from "./agent-tokens.ts";

/** An upgrade that is answered with a plain HTTP status. */
export interface AdmissionRefusal {
  readonly status: number;
  /** A sentence for the operators of both sides. */
  readonly message: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface AdmissionRules {
  readonly tokens: AgentTokens;
  readonly publicOrigin: string;
  /** False while the web process was never reached or is away: an unknown token may be a new one. */
  readonly isWebReachable: boolean;
  readonly isDraining: boolean;
  readonly isFull: boolean;
  readonly now: number;
}

export type Admission =
  | { readonly token: DesiredToken }
  | { readonly refusal: AdmissionRefusal; readonly clusterId: ClusterId | null };

const RETRY_AFTER_SECONDS = "2";

/** Decides whether an upgrade request becomes an agent's socket. Pure; fails closed. */
export function decideAdmission(request: IncomingMessage, rules: AdmissionRules): Admission {
  const fault = findUpgradeFault(request);
  if (fault !== null) return refuse(fault.status, `Not an agent: ${fault.message}.`);
  const { origin } = request.headers;
  if (origin !== undefined && origin !== rules.publicOrigin) {
    return refuse(403, "The Origin header is not this server's own. Agents send none.");
  }
  if (rules.isDraining) return refuse(503, "This relay is shutting down.");
  const check = rules.tokens.check(request.headers.authorization, rules.now);
  if (check.result === "expired") {
    return refuse(401, "The agent token has expired.", check.token.clusterId);
  }
  if (check.result === "unknown") {
    return rules.isWebReachable
      ? refuse(401, "The agent token is not known: it is wrong, or it was revoked.")
      : refuse(503, "The agent token cannot be checked now: the web process is away.");
  }
  if (rules.isFull) {
    return refuse(503, "Too many sockets wait to register.", check.token.clusterId);
  }
  return { token: check.token };
}

function refuse(status: number, message: string, clusterId: ClusterId | null = null): Admission {
  const headers: Record<string, string> = {};
  if (status === 503) headers["Retry-After"] = RETRY_AFTER_SECONDS;
  if (status === 401) headers["WWW-Authenticate"] = "Bearer";
  return { refusal: { status, message, headers }, clusterId };
}
