import { createHash, timingSafeEqual } from "node:crypto";
import type { DesiredToken } from "#protocol/relay/desired-state.ts";

/** Longest credential that is looked at, characters; ours are far shorter. */
const TOKEN_CHARACTERS_MAX = 512;
const NOTHING = Buffer.alloc(32);

export type TokenCheck =
  | { readonly result: "valid"; readonly token: DesiredToken }
  | { readonly result: "expired"; readonly token: DesiredToken }
  | { readonly result: "unknown" };

/** The agent tokens that are valid now, by hash. Fails closed: an empty table admits nobody. */
export class AgentTokens {
  #byHash: ReadonlyMap<string, DesiredToken> = new Map();
  #byId: ReadonlyMap<string, DesiredToken> = new Map();

  /** Takes over a complete list; what is absent is revoked. */
  replace(tokens: Iterable<DesiredToken>): void {
    const list = [...tokens];
    this.#byHash = new Map(list.map((token) => [token.sha256, token]));
    this.#byId = new Map(list.map((token) => [token.tokenId, token]));
  }

  /** True while the token is listed and has not expired. */
  isValid(tokenId: string, now: number): boolean {
    const token = this.#byId.get(tokenId);
    return token !== undefined && !isExpired(token, now);
  }

  /**
   * Finds the token of an `Authorization` header.
   *
   * What is looked up is a digest that a caller cannot steer towards a neighbour, and the digests are then
   * compared in constant time whether or not one was found.
   */
  check(authorization: string | undefined, now: number): TokenCheck {
    const secret = parseBearer(authorization) ?? "";
    const digest = createHash("sha256").update(secret).digest();
    const token = this.#byHash.get(digest.toString("hex"));
    const expected = token === undefined ? NOTHING : Buffer.from(token.sha256, "hex");
    const isSame = timingSafeEqual(digest, expected);
    if (token === undefined || !isSame || secret === "") return { result: "unknown" };
    return { result: isExpired(token, now) ? "expired" : "valid", token };
  }
}

function isExpired(token: DesiredToken, now: number): boolean {
  return token.expiresAt !== null && token.expiresAt <= now;
}

function parseBearer(header: string | undefined): string | null {
  if (header === undefined || header.length > TOKEN_CHARACTERS_MAX) return null;
  return /^bearer +([^\s]+)$/i.exec(header)?.[1] ?? null;
}
