import { plural } from "#components/lib/format.ts";
import type { AuditAction, AuditEventDto } from "#protocol/api/audit.ts";

/** A piece of a sentence: plain words, who acted, or what was acted on. */
export interface SentencePart {
  readonly kind: "text" | "actor" | "object";
  readonly text: string;
}

type Values = Readonly<Record<string, unknown>>;
interface Facts {
  readonly before: Values;
  readonly after: Values;
}

/** `{actor}` and `{object}` stand for their names. */
type Template = string | ((facts: Facts) => string);

const isOn = (values: Values, name: string): boolean => values[name] === true;
const text = (values: Values, name: string): string | null => {
  const value = values[name];
  return typeof value === "string" || typeof value === "number" ? String(value) : null;
};

function force(facts: Facts, name: string): string {
  return isOn(facts.after, "forceTunnel")
    ? `{actor} forced ${name} through the tunnel`
    : `{actor} released ${name} from the forced tunnel`;
}

function routingMode({ after }: Facts): string {
  const mode = text(after, "routingMode");
  return mode === null
    ? "{actor} let {object} follow the rules"
    : `{actor} chose ${mode} for {object}`;
}

function published({ after }: Facts): string {
  const port = text(after, "relayPort");
  if (port !== null) return `{object} was discovered and published on port ${port}`;
  const host = text(after, "host");
  return host === null
    ? "{object} was discovered"
    : `{object} was discovered and published as ${host}`;
}

function withdrawn({ after }: Facts): string {
  const reason = text(after, "reason");
  return `{object} can no longer be published${reason === null ? "" : `: ${reason.replace(/\.$/, "")}`}`;
}

function directVerified({ after }: Facts): string {
  const address = text(after, "address");
  const what = address === null ? "Its direct address answers" : `${address} answers`;
  const mode = text(after, "effective");
  return mode === null
    ? `{object}: ${what} steadily`
    : `{object} is served ${MODES[mode] ?? mode}: ${what} steadily`;
}

function directLost({ after }: Facts): string {
  const reason = text(after, "reason");
  return `{object} moved to the tunnel: ${reason?.replace(/\.$/, "") ?? "its direct address does not answer"}`;
}

const MODES: Readonly<Record<string, string>> = {
  direct: "directly",
  dual: "both ways",
};

function restarted({ after }: Facts): string {
  const lost = after["lostConnections"];
  if (typeof lost !== "number" || lost === 0) return "Relay {object} was restarted";
  return `Relay {object} was restarted; ${plural(lost, "connection")} ended with it`;
}

function closedMany({ after }: Facts): string {
  const count = after["closed"];
  if (typeof count !== "number") return "{actor} closed connections of {object}";
  return `{actor} closed ${plural(count, "connection")} of {object}`;
}

/** One sentence for every action there is. */
const SENTENCES: Record<AuditAction, Template> = {
  "cluster.create": "{actor} added {object}",
  "cluster.rename": ({ before, after }) => {
    const from = text(before, "name");
    const to = text(after, "name");
    return from === null || to === null
      ? "{actor} renamed {object}"
      : `{actor} renamed ${from} to {object}`;
  },
  "cluster.delete": "{actor} deleted {object}",
  "cluster.force_tunnel": (facts) => force(facts, "{object}"),
  "cluster.connected": "{object} connected",
  "cluster.offline": "{object} lost its last agent",
  "tunnel.force_tunnel": (facts) => force(facts, "{object}"),
  "tunnel.routing_mode": routingMode,
  "tunnel.enable": ({ after }) =>
    isOn(after, "enabled") ? "{actor} switched {object} on" : "{actor} switched {object} off",
  "tunnel.policy": "{actor} changed the limits of {object}",
  "tunnel.published": published,
  "tunnel.withdrawn": withdrawn,
  "tunnel.removed": "{object} was removed",
  "tunnel.direct_verified": directVerified,
  "tunnel.direct_lost": directLost,
  "fleet.force_tunnel": (facts) => force(facts, "the whole fleet"),
  "token.create": "{actor} created the agent token {object}",
  "token.revoke": "{actor} revoked the agent token {object}",
  "api_key.create": "{actor} created the API key {object}",
  "api_key.revoke": "{actor} revoked the API key {object}",
  "user.create": "{actor} created the account of {object}",
  "user.sign_in": "{actor} signed in",
  "user.sign_out": "{actor} signed out",
  "connection.close": "{actor} closed the connection from {object}",
  "connections.close": closedMany,
  "relay.restarted": restarted,
};

/** What happened, in parts, so that names can be told apart from words and linked. */
export function auditSentence(event: AuditEventDto): SentencePart[] {
  const template = SENTENCES[event.action];
  const facts = { before: event.before ?? {}, after: event.after ?? {} };
  const sentence = typeof template === "string" ? template : template(facts);
  return sentence
    .split(/(\{actor\}|\{object\})/)
    .filter((piece) => piece !== "")
    .map((piece) => toPart(piece, event));
}

function toPart(piece: string, event: AuditEventDto): SentencePart {
  if (piece === "{actor}") return { kind: "actor", text: event.actor.name };
  if (piece === "{object}") return { kind: "object", text: event.object.name };
  return { kind: "text", text: piece };
}

/** The sentence as plain text. */
export function auditText(event: AuditEventDto): string {
  return auditSentence(event)
    .map((part) => part.text)
    .join("");
}

/** Short names of the actions, for filters. */
export const ACTION_LABELS: Record<AuditAction, string> = {
  "cluster.create": "Cluster added",
  "cluster.rename": "Cluster renamed",
  "cluster.delete": "Cluster deleted",
  "cluster.force_tunnel": "Cluster forced or released",
  "cluster.connected": "Cluster connected",
  "cluster.offline": "Cluster offline",
  "tunnel.force_tunnel": "Tunnel forced or released",
  "tunnel.routing_mode": "Routing mode chosen",
  "tunnel.enable": "Tunnel switched on or off",
  "tunnel.policy": "Tunnel limits changed",
  "tunnel.published": "Tunnel published",
  "tunnel.withdrawn": "Tunnel withdrawn",
  "tunnel.removed": "Tunnel removed",
  "tunnel.direct_verified": "Direct address verified",
  "tunnel.direct_lost": "Direct address lost",
  "fleet.force_tunnel": "Fleet forced or released",
  "token.create": "Token created",
  "token.revoke": "Token revoked",
  "api_key.create": "API key created",
  "api_key.revoke": "API key revoked",
  "user.create": "Account created",
  "user.sign_in": "Signed in",
  "user.sign_out": "Signed out",
  "connection.close": "Connection closed",
  "connections.close": "Connections closed",
  "relay.restarted": "Relay restarted",
};
