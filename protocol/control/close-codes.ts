interface CloseCodeSpec {
  readonly code: number;
  /** What the agent does next. */
  readonly agentRetries: "backoff" | "slowly" | "never";
  /** One sentence for operators, in both logs. */
  readonly meaning: string;
}

/** Why an agent's WebSocket was closed. Normative: docs/protocol.md. */
export const CLOSE_CODES = {
  going_away: { code: 1001, agentRetries: "backoff", meaning: "The other side is shutting down." },
  protocol_error: {
    code: 1002,
    agentRetries: "backoff",
    meaning: "The WebSocket or the mux session was broken.",
  },
  message_too_big: {
    code: 1009,
    agentRetries: "slowly",
    meaning: "A control message was larger than its bound.",
  },
  bad_message: {
    code: 4400,
    agentRetries: "slowly",
    meaning: "A control message was malformed or came at the wrong time.",
  },
  token_revoked: {
    code: 4401,
    agentRetries: "slowly",
    meaning: "The agent token was revoked or has expired.",
  },
  version_unsupported: {
    code: 4406,
    agentRetries: "slowly",
    meaning: "The two sides speak no common protocol version.",
  },
  silent: {
    code: 4408,
    agentRetries: "backoff",
    meaning: "Nothing was heard within the time allowed.",
  },
  duplicate_link: {
    code: 4409,
    agentRetries: "backoff",
    meaning: "The same agent instance has a newer link to this relay.",
  },
  cluster_deleted: { code: 4410, agentRetries: "slowly", meaning: "The cluster was deleted." },
  too_many_links: {
    code: 4429,
    agentRetries: "slowly",
    meaning: "The cluster has as many links as this relay allows.",
  },
} as const satisfies Record<string, CloseCodeSpec>;

export type CloseCodeName = keyof typeof CLOSE_CODES;

export function findCloseCode(code: number): CloseCodeName | null {
  for (const name of Object.keys(CLOSE_CODES) as CloseCodeName[]) {
    if (CLOSE_CODES[name].code === code) return name;
  }
  return null;
}
