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
  return `${prefix}_${randomCharacters(RANDOM_CHARACTERS)}`;
}

/** 36^9 milliseconds reach into the year 5188. */
const TIME_CHARACTERS = 9;
let lastOrder = 0;

/**
 * Makes a new id that sorts after every earlier one of this process: for rows that share a point in time and are
 * read in the order they were written. 11 of its characters are random, a little over 56 bits.
 */
export function newOrderedId(prefix: IdPrefix): string {
  // Several ids in one millisecond run ahead of the clock, which catches up.
  lastOrder = Math.max(Date.now(), lastOrder + 1);
  const time = lastOrder.toString(36).padStart(TIME_CHARACTERS, "0");
  return `${prefix}_${time}${randomCharacters(RANDOM_CHARACTERS - TIME_CHARACTERS)}`;
}

function randomCharacters(count: number): string {
  let text = "";
  for (let i = 0; i < count; i++) text += ALPHABET[randomInt(ALPHABET.length)];
  return text;
}
