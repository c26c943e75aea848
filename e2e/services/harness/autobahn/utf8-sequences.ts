/** Bytes in hex, and whether they are UTF-8. */
export interface Utf8Sequence {
  readonly hex: string;
  readonly isValid: boolean;
}

const valid = (...all: string[]): Utf8Sequence[] => all.map((hex) => ({ hex, isValid: true }));
const invalid = (...all: string[]): Utf8Sequence[] => all.map((hex) => ({ hex, isValid: false }));

const KOSME = "cebae1bdb9cf83cebcceb5";
const hello = (middle: string): string => `68656c6c6f${middle}776f726c64`;
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, n) => from + n);
const hex = (bytes: readonly number[]): string => Buffer.from(bytes).toString("hex");

/** Every prefix; those that end within a character are not valid. */
const PREFIXES = range(1, KOSME.length / 2 + 1).map((bytes) => KOSME.slice(0, bytes * 2));
const CHARACTER_ENDS = new Set([2, 5, 7, 9, 11]);
const isWhole = (prefix: string): boolean => CHARACTER_ENDS.has(prefix.length / 2);

const LONELY = [
  [0xc0, 0xdf],
  [0xe0, 0xef],
  [0xf0, 0xf7],
  [0xf8, 0xfb],
  [0xfc, 0xfd],
].map(([from = 0, to = 0]) => hex(range(from, to).flatMap((byte) => [byte, 0x20])));

const LAST_MISSING = [
  "c0",
  "e080",
  "f08080",
  "f8808080",
  "fc80808080",
  "df",
  "efbf",
  "f7bfbf",
  "fbbfbfbf",
  "fdbfbfbfbf",
];

/** Code points that are no characters, and valid all the same. */
const NON_CHARACTERS = ["f0", "f1", "f2", "f3", "f4"].flatMap((first) =>
  ["8f", "9f", "af", "bf"]
    .filter((second) => first !== "f4" || second === "8f")
    .filter((second) => first !== "f0" || second !== "8f")
    .flatMap((second) => [`${first}${second}bfbe`, `${first}${second}bfbf`]),
);

/** Sections 6.5 to 6.23 of Autobahn's list, after Markus Kuhn's stress test of decoders, by the number after `6.`. */
export const UTF8_SECTIONS: Readonly<Record<number, readonly Utf8Sequence[]>> = {
  5: valid(hello("24"), hello("c2a2"), hello("e282ac"), hello("f0a4ada2"), KOSME),
  6: PREFIXES.map((hex) => ({ hex, isValid: isWhole(hex) })),
  7: valid("00", "c280", "e0a080", "f0908080"),
  8: invalid("f888808080", "fc8480808080"),
  9: valid("7f", "dfbf", "efbfbf", "f48fbfbf"),
  10: invalid("f7bfbfbf", "fbbfbfbfbf", "fdbfbfbfbfbf"),
  11: [...valid("ed9fbf", "ee8080", "efbfbd", "f48fbfbf"), ...invalid("f4908080")],
  12: invalid(
    "80",
    "bf",
    "80bf",
    "80bf80",
    "80bf80bf",
    "80bf80bf80",
    "80bf80bf80bf",
    hex(range(0x80, 0xbf)),
  ),
  13: invalid(...LONELY),
  14: invalid(...LAST_MISSING),
  15: invalid(LAST_MISSING.join("")),
  16: invalid("fe", "ff", "fefeffff"),
  17: invalid("c0af", "e080af", "f08080af", "f8808080af", "fc80808080af"),
  18: invalid("c1bf", "e09fbf", "f08fbfbf", "f887bfbfbf", "fc83bfbfbfbf"),
  19: invalid("c080", "e08080", "f0808080", "f880808080", "fc8080808080"),
  20: invalid("eda080", "edadbf", "edae80", "edafbf", "edb080", "edbe80", "edbfbf"),
  21: ["eda080", "edadbf", "edae80", "edafbf"].flatMap((high) =>
    invalid(`${high}edb080`, `${high}edbfbf`),
  ),
  22: valid("efbfbe", "efbfbf", ...NON_CHARACTERS),
  23: valid("efbfb9", "efbfba", "efbfbb", "efbfbc", "efbfbd", "efbfbe", "efbfbf"),
};
