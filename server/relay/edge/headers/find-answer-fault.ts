import type { RawHeaders } from "../../headers/raw-headers.ts";
import { findLengthFault } from "./find-length-fault.ts";

/** The head of a final answer. */
export interface AnswerHead {
  /** As it stands in the status line; `2` for HTTP/2. */
  readonly version: string;
  readonly status: number;
  readonly rawHeaders: RawHeaders;
}

const VERSIONS = ["1.0", "1.1", "2"] as const;

/**
 * Finds what a parser lets pass of a service's answer and a client could not be sure of: where it ends, and what it is.
 * Whatever is in doubt is refused, not repaired.
 *
 * @returns a short reason, null when nothing is wrong.
 *
 * Source: RFC 9112 sections 4, 6.1 and 6.3; RFC 9110 section 15.
 */
export function findAnswerFault({ version, status, rawHeaders }: AnswerHead): string | null {
  const known = VERSIONS.find((each) => each === version);
  if (known === undefined) return `HTTP/${version} is not spoken here`;
  if (status === 101) return "it went over to another protocol without having been asked";
  if (!(status >= 200)) return "its status is none";
  return findLengthFault({ version: known, rawHeaders });
}

/** For operators. */
export function toFaultText(fault: string): string {
  return `Its answer was refused: ${fault}.`;
}
