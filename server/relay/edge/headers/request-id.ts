/** Short, and safe to print anywhere. */
const SANE = /^[A-Za-z0-9._-]{1,128}$/;

/** The client's own request id where it is sane, so that its traces stay whole; else ours. */
export function toRequestId(header: string | undefined, create: () => string): string {
  return header !== undefined && SANE.test(header) ? header : create();
}
