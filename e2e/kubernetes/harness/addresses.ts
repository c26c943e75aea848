import { execFileSync } from "node:child_process";
import { networkInterfaces } from "node:os";

/** Of RFC 2544, for tests of network devices: nobody's address. */
const NETWORK = "198.18";
const LABEL = "lo:cv";
const LABELLED = /inet (198\.18\.\d+\.\d+)\/32 .*lo:cv([0-9a-z]+)/g;
const TRIES = 20;
let next = 0;

export interface MachineAddress {
  readonly address: string;
  release(): void;
}

/** What `ip …` prints; null where it fails: no such program, or no right to change addresses. */
function ip(...args: readonly string[]): string | null {
  try {
    return execFileSync("ip", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } catch {
    return null;
  }
}

/**
 * An address of this machine that an EndpointSlice accepts, which loopback's own are not. As root it is a fresh one; else
 * the machine's own, the same at every call.
 *
 * @returns null where the machine has no other address than loopback.
 */
export function takeAddress(): MachineAddress | null {
  removeAbandoned();
  const label = `${LABEL}${process.pid.toString(36)}`;
  for (let tries = 0; tries < TRIES; tries += 1) {
    next += 1;
    const address = `${NETWORK}.${(process.pid + tries) % 250}.${(next % 250) + 1}`;
    if (ip("addr", "add", `${address}/32`, "dev", "lo", "label", label) === null) continue;
    return { address, release: () => void ip("addr", "del", `${address}/32`, "dev", "lo") };
  }
  const own = Object.values(networkInterfaces()).flatMap((items) => items ?? []);
  const address = own.find(({ family, internal }) => family === "IPv4" && !internal)?.address;
  return address === undefined ? null : { address, release: () => {} };
}

/** Those whose process was killed before it released them. */
function removeAbandoned(): void {
  for (const [, address, owner = ""] of (ip("-o", "addr", "show", "dev", "lo") ?? "").matchAll(
    LABELLED,
  )) {
    try {
      process.kill(Number.parseInt(owner, 36), 0);
    } catch {
      ip("addr", "del", `${address}/32`, "dev", "lo");
    }
  }
}
