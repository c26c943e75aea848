import { EDGE_ERRORS, type EdgeErrorCode } from "#protocol/api/http-figures.ts";
import { toEdgeAnswer } from "../answers/edge-answer.ts";
import type { ClientSide } from "../client/client-side.ts";
import type { EdgeDeps } from "./edge-deps.ts";
import type { Exchange } from "./exchange.ts";

export interface OwnAnswer {
  readonly client: ClientSide;
  readonly deps: EdgeDeps;
  /** Null where no tunnel was found. */
  readonly exchange: Exchange | null;
  readonly requestId: string;
  readonly code: EdgeErrorCode;
  /** Plain words; null when there is nothing to add. */
  readonly detail: string | null;
}

/** What agents say of services names addresses of their clusters: it is for operators, not for whoever asked. */
const FOR_VISITORS: ReadonlySet<EdgeErrorCode> = new Set(["bad_request", "limit_reached"]);

/** Answers in place of a service, and says why. Only before any head went out. */
export function answerItself({ client, deps, exchange, requestId, code, detail }: OwnAnswer): void {
  const { status } = EDGE_ERRORS[code];
  if (exchange !== null) {
    exchange.error = code;
    exchange.detail = detail;
    deps.table.answered(exchange, status);
  }
  const accept = client.header("accept");
  const shown = FOR_VISITORS.has(code) ? detail : null;
  const answer = toEdgeAnswer({ code, detail: shown, requestId, accept, method: client.method });
  const headers = [...answer.headers];
  // Where the next request of this connection begins is not certain, or nobody is here to answer it.
  const isLast = status === 400 || code === "shutting_down";
  if (isLast && client.version !== "2") headers.push("Connection", "close");
  const out = client.respond({ status, headers, isEmpty: false, mayHaveTrailers: false });
  if (out === null) return;
  out.write(answer.body);
  client.finish([]);
}
