/** What the service answers, by path. */
export const BODY_BYTES = { "/small": 100, "/large": 10 * 1024 } as const;
export type BodyPath = keyof typeof BODY_BYTES;

/** Where a load generator asks, and for which host. */
export interface HttpTarget {
  readonly port: number;
  readonly host: string;
}
