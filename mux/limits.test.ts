import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { MUX_LIMITS } from "./limits.ts";

const docsFolder = join(import.meta.dirname, "../docs");
const text = readdirSync(docsFolder)
  .filter((name) => /^protocol.*\.md$/.test(name))
  .map((name) => readFileSync(join(docsFolder, name), "utf8"))
  .join("\n");

it.each(Object.entries(MUX_LIMITS))("the protocol document says that %s is %i", (name, value) => {
  const row = new RegExp(`^\\| \`${name}\` +\\| (\\d+) +\\|`, "m").exec(text);
  expect(Number(row?.[1])).toBe(value);
});
