import { type RawHeaders, withoutHopByHop } from "../../headers/raw-headers.ts";
import { type ReceivedProtocol, trailerFields } from "./to-backend-headers.ts";

export interface ClientHeaderFacts {
  /** How the answer came from the backend. */
  readonly received: ReceivedProtocol;
  readonly status: number;
  /** The answer goes out in chunks or over HTTP/2, so that trailers can follow and `Trailer` may name them. */
  readonly canHaveTrailers: boolean;
}

/**
 * An answer's headers as the client gets them; a rule's header filters come after. `Culvert-Error` is ours alone, so
 * that whoever reads it can tell our answers from a service's.
 */
export function toClientHeaders(raw: RawHeaders, facts: ClientHeaderFacts): string[] {
  const { status } = facts;
  // RFC 9110 section 8.6: none of these has a length, and clients of HTTP/2 break the stream at one that says so.
  const isLengthless = status < 200 || status === 204;
  const headers = withoutHopByHop(
    raw,
    (name) =>
      name === "culvert-error" ||
      name.startsWith(":") ||
      (isLengthless && name === "content-length"),
  );
  headers.push("Via", `${facts.received} culvert`);
  if (facts.canHaveTrailers) headers.push(...trailerFields(raw));
  return headers;
}
