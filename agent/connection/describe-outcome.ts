import { z } from "zod";
import type { DialWebSocketResult } from "#mux/transport/websocket/dial.ts";
import { CLOSE_CODES, findCloseCode } from "#protocol/control/close-codes.ts";
import type { LinkOutcome } from "./agent-link.ts";

/** `elsewhere`: this relay is linked already; dial again, another may answer. */
export type Retry = "backoff" | "slowly" | "never" | "elsewhere";

/** What a failed or ended link means to the operator, and when to dial again. */
export interface Verdict {
  /** One plain sentence. */
  readonly sentence: string;
  readonly retry: Retry;
  /** As the server asked, or null. */
  readonly retryAfter: string | null;
}

type DialFailure = Exclude<DialWebSocketResult, { kind: "connected" }>;

/** Why dialling failed. */
export function describeDialFailure(failure: DialFailure, url: URL): Verdict {
  const host = url.host;
  switch (failure.kind) {
    case "refused": {
      const said = findMessage(failure.body);
      const verdict = describeStatus(failure.status, url);
      const sentence = said === null ? verdict.sentence : `${verdict.sentence} It says: ${said}`;
      return { ...verdict, sentence, retryAfter: failure.retryAfter };
    }
    case "not_web_socket":
      return slowly(
        `What answers at ${host} does not speak WebSocket (${failure.message}). Is CULVERT_URL right, and does a proxy in between pass WebSockets on?`,
      );
    case "timeout":
      return backoff(`The server at ${host} did not answer in time.`);
    case "aborted":
      return backoff("Dialling was given up.");
    case "unreachable":
      return backoff(describeSystemError(failure.code, failure.message, url));
  }
}

/** What may be wrong where plain HTTP was not understood; nothing where TLS was spoken. */
function askForTls({ protocol }: URL): string {
  return protocol === "http:" ? " If it speaks TLS, write CULVERT_URL with https://." : "";
}

function describeStatus(status: number, url: URL): Verdict {
  const { host } = url;
  if (status >= 300 && status < 400) {
    return slowly(`The server at ${host} redirects elsewhere: set CULVERT_URL to that address.`);
  }
  switch (status) {
    case 400:
      // Web servers answer so when plain HTTP comes to their TLS port.
      return slowly(`The server refused the connection with status 400.${askForTls(url)}`);
    case 401:
      return slowly("The server refused the token: it is unknown, revoked or has expired.");
    case 403:
      return slowly("The server does not allow this agent to connect.");
    case 404:
      return slowly(`No Culvert server answers at ${host}. Is CULVERT_URL right?`);
    case 409:
      return backoff("The server has a link of this agent already.");
    case 429:
      return slowly("The server has as many links as it allows.");
    case 503:
      return backoff("The server cannot take agents just now.");
    default:
      return status >= 500
        ? backoff(`The server failed with status ${status}.`)
        : slowly(`The server refused the connection with status ${status}.`);
  }
}

/** By the system's error code of a dial. */
export function isCertificateError(code: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/.test(code);
}

function describeSystemError(code: string, message: string, url: URL): string {
  const { host } = url;
  if (code === "ECONNREFUSED") return `Nothing listens at ${host}. Waiting for the server.`;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN")
    return `The name of ${host} cannot be resolved.`;
  if (code === "ETIMEDOUT") return `The server at ${host} did not answer in time.`;
  if (code === "EHOSTUNREACH" || code === "ENETUNREACH") return `There is no route to ${host}.`;
  if (code === "ECONNRESET") return `The server at ${host} cut the connection.${askForTls(url)}`;
  if (isCertificateError(code)) return `The certificate of ${host} is not trusted (${code}).`;
  if (/^(EPROTO$|ERR_SSL_)/.test(code)) {
    return `No TLS session with ${host} came about (${code}). If it speaks plain HTTP, write CULVERT_URL with http://.`;
  }
  return `The server at ${host} cannot be reached (${code === "" ? message : code}).`;
}

/** Why a link that was dialled is over. */
export function describeLinkOutcome(outcome: LinkOutcome): Verdict {
  if (outcome.kind === "duplicate") {
    return { sentence: "This relay is linked already.", retry: "elsewhere", retryAfter: null };
  }
  const name = findCloseCode(outcome.code);
  const said = outcome.reason === "" ? "" : ` (${outcome.reason})`;
  if (name === null) {
    return backoff(
      outcome.code === 1006
        ? "The connection to the server was lost."
        : `The server closed the connection with code ${outcome.code}${said}.`,
    );
  }
  const { meaning, agentRetries } = CLOSE_CODES[name];
  const who = outcome.by === "agent" ? "The agent closed the link" : "The server closed the link";
  return { sentence: `${who}: ${meaning}${said}`, retry: agentRetries, retryAfter: null };
}

function backoff(sentence: string): Verdict {
  return { sentence, retry: "backoff", retryAfter: null };
}

function slowly(sentence: string): Verdict {
  return { sentence, retry: "slowly", retryAfter: null };
}

const SAID_MAX = 300;

/** What the server says itself: the message of our error object, or one plain line. */
function findMessage(body: string): string | null {
  const text = body.trim();
  if (!text.startsWith("{")) {
    const isLine = text !== "" && text.length <= SAID_MAX && !/[\r\n<]/.test(text);
    return isLine ? text : null;
  }
  const ours = OurError.safeParse(readJson(text));
  return ours.success ? ours.data.error.message.slice(0, SAID_MAX) : null;
}

const OurError = z.object({ error: z.object({ message: z.string() }) });

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Some other program's words: the status says enough.
    return null;
  }
}
