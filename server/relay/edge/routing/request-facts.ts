/** What a request is matched by. */
export interface RequestFacts {
  readonly method: string;
  /** Before the query, without dot segments; else compared as it was sent, not decoded. */
  readonly path: string;
  /** After `?`; empty when there is none. */
  readonly query: string;
  /** Lower case, without a port; null on the tunnel's own name, where routes' host names are not looked at. */
  readonly host: string | null;
  /** Several of one name joined by ", ". @param name lower case */
  header(name: string): string | undefined;
}
