import { type RawHeaders, withoutHopByHop } from "../../headers/raw-headers.ts";
import { type ReceivedProtocol, trailerFields } from "./to-backend-headers.ts";

export interface ClientHeaderFacts {
  /** How the answer came from the backend. */
  readonly received: ReceivedProtocol;
  /** The answer goes out in chunks or over HTTP/2, so that trailers can follow and `Trailer` may name them. */
  readonly canHaveTrailers: boolean;
}

/**
 * An answer's headers as the client gets them; a rule's header filters come after. `Culvert-Error` is ours alone, so
 * that whoever reads it can tell our answers from a service's.
 */
export function toClientHeaders(raw: RawHeaders, facts: ClientHeaderFacts): string[] {
  const headers = withoutHopByHop(raw, (name) => name === "culvert-error" || name.startsWith(":"));
  headers.push("Via", `${facts.received} culvert`);
  if (facts.canHaveTrailers) headers.push(...trailerFields(raw));
  return headers;
}
