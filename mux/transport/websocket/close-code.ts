/** The close codes of RFC 6455 section 7.4.1 that we send or report ourselves. */
export const CLOSE_CODE = {
  normal: 1000,
  protocolError: 1002,
  /** Never on the wire: the peer's close frame carried no code. */
  noStatus: 1005,
  /** Never on the wire: the socket went away without a close frame. */
  abnormal: 1006,
  invalidText: 1007,
  policyViolation: 1008,
  messageTooBig: 1009,
} as const;

/** Codes that may stand in a close frame: registered ones that are not for local use alone, and the two free ranges. */
export function isValidCloseCode(code: number): boolean {
  if (code >= 1000 && code <= 1014) return code !== 1004 && code !== 1005 && code !== 1006;
  return code >= 3000 && code <= 4999;
}
