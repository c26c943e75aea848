import { randomInt } from "node:crypto";

/** Every kind of thing that has an id, by the prefix its id carries. */
export const ID_PREFIXES = [
  "cl",
  "tn",
  "ag",
  "cn",
  "ev",
  "tk",
  "ak",
  "rl",
  "us",
  "se",
  "ln",
  "pl",
] as const;
export type IdPrefix = (typeof ID_PREFIXES)[number];

/** 20 characters of base 36: a little over 103 random bits. */
const RANDOM_CHARACTERS = 20;
const ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz";

/**
 * Makes a new random id such as `cl_4f0…`. Brand it with the schema of `protocol/api/ids.ts`
 * where a branded id is needed.
 *
 * Ids are not secrets, but they are unguessable, so one never leads to the next.
 */
export function newId(prefix: IdPrefix): string {
  let id = `${prefix}_`;
  for (let i = 0; i < RANDOM_CHARACTERS; i++) id += ALPHABET[randomInt(ALPHABET.length)];
  return id;
}
