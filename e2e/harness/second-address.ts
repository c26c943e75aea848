import { execFileSync } from "node:child_process";
import { randomInt } from "node:crypto";

/** An address of this machine beside 127.0.0.1, as a Gateway has one of its own. */
export interface SecondAddress {
  readonly address: string;
  /** For `CULVERT_DIRECT_CIDRS`. */
  readonly cidr: string;
  remove(): void;
}

/** One of the range for benchmarks on the loopback device where we may add it, else one that loopback has anyway. */
export function addSecondAddress(): SecondAddress {
  const address = `198.18.${randomInt(1, 255)}.${randomInt(1, 255)}`;
  const change = (what: "add" | "del") =>
    execFileSync("ip", ["addr", what, `${address}/32`, "dev", "lo"], { stdio: "ignore" });
  try {
    change("add");
  } catch {
    // Not root, or no `ip` here.
    return { address: "127.0.77.1", cidr: "127.0.77.0/24", remove: () => {} };
  }
  return { address, cidr: "198.18.0.0/16", remove: () => void change("del") };
}
