/** The Gateway API's reason codes for a route of HTTP whose rules cannot be accepted. */
export type RouteFaultCode = "UnsupportedValue" | "IncompatibleFilters";

/** Thrown while the rules of a route are read: the specification wants the whole route refused. */
export class RouteFault extends Error {
  readonly code: RouteFaultCode;

  /** @param message plain words that continue "HTTPRoute shop/web …". */
  constructor(code: RouteFaultCode, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * One value of an enumeration.
 *
 * @param what names the field, as the route does.
 * @throws RouteFault `UnsupportedValue`: it is none of those that are known here.
 */
export function pickChoice<T extends string | number>(
  what: string,
  value: string | number,
  known: readonly T[],
): T {
  const found = known.find((item) => item === value);
  if (found !== undefined) return found;
  throw new RouteFault(
    "UnsupportedValue",
    `has the ${what} ${value}, which is none of ${known.join(", ")}.`,
  );
}
