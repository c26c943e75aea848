import { describe } from "vitest";
import { findGo } from "../../kubernetes/harness/go.ts";

/** For hooks that build: the first time, Go downloads and compiles everything that a program is made of. */
export const GO_BUILD_TIMEOUT_MS = 15 * 60_000;

/** A `describe` of programs that are built with Go; where there is none, it says so and is skipped. */
export function describeGo(name: string, body: () => void): void {
  const isThere = findGo() !== null;
  if (!isThere) process.stderr.write(`Not tested here, for want of \`go\`: ${name}.\n`);
  describe.skipIf(!isThere)(`${name} (skipped where Go is not installed)`, body);
}
