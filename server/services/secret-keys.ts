import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** Enough that a fast hash is safe: nobody guesses 256 bits. */
const SECRET_BYTES = 32;
/** Of the secret, kept in clear to recognise it. */
const PREFIX_CHARACTERS = 12;

export interface SecretKey {
  /** Shown once, stored nowhere. */
  readonly secret: string;
  readonly prefix: string;
  /** SHA-256, lower-case hex. */
  readonly hash: string;
}

/** Makes a secret for machines: `cvt_` agent tokens, `cvk_` API keys, `cvl_` one-time links. */
export function createSecretKey(kind: "cvt" | "cvk" | "cvl"): SecretKey {
  const secret = `${kind}_${randomBytes(SECRET_BYTES).toString("base64url")}`;
  return { secret, prefix: secret.slice(0, PREFIX_CHARACTERS), hash: hashSecret(secret) };
}

export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** Compares two hashes of equal length in constant time. */
export function isSameHash(a: string, b: string): boolean {
  const left = Buffer.from(a, "hex");
  const right = Buffer.from(b, "hex");
  return left.length === right.length && timingSafeEqual(left, right);
}
