import { createSocket } from "node:dgram";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

export type Transport = "tcp" | "udp";

/** Whether a port may be shared with the other relay processes of this installation. */
export interface PortClaims {
  /**
   * Binds a port by way of `listen`, which is told whether to use SO_REUSEPORT.
   *
   * @throws the system's error when somebody else holds the port.
   */
  bind(where: Where, listen: (reusePort: boolean) => Promise<void>): Promise<void>;
  /** Idempotent. */
  release(port: number): void;
}

export interface Where {
  readonly host: string;
  readonly port: number;
  readonly transport: Transport;
}

/** For the only relay process of an installation: ports are bound for itself alone. */
export const EXCLUSIVE_PORTS: PortClaims = {
  bind: (_where, listen) => listen(false),
  release: () => undefined,
};

const LOCK_POLL_MS = 20;
/** Binding takes a moment; whoever holds the lock for longer has left it behind. */
const LOCK_WAIT_MS = 5_000;

export interface SharedPortsOptions {
  /** Where siblings leave word for one another; nobody else's. */
  readonly folder: string;
  readonly pid: number;
  readonly isAlive: (pid: number) => boolean;
}

/**
 * Lets sibling relay processes share a port, and nobody else.
 *
 * With SO_REUSEPORT a second installation of the same user would silently get half of the clients. So a port that no
 * sibling holds is first bound exclusively, as a test. Siblings take turns, since their tests would get in each other's
 * way; a file `<port>.<pid>` says who holds what.
 */
export function createSharedPorts(options: SharedPortsOptions): PortClaims {
  const { folder, pid, isAlive } = options;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const claimOf = (port: number): string => join(folder, `${port}.${pid}`);

  const isHeldBySibling = (port: number): boolean =>
    readdirSync(folder).some((name) => {
      const [claimed, owner] = name.split(".").map(Number);
      if (claimed !== port || owner === undefined || Number.isNaN(owner)) return false;
      if (isAlive(owner)) return owner !== pid;
      rmSync(join(folder, name), { force: true });
      return false;
    });

  return {
    bind: async (where, listen) => {
      const { port } = where;
      const lock = join(folder, `${port}.lock`);
      await takeLock(lock, options);
      try {
        if (!isHeldBySibling(port)) await bindOnce(where);
        await listen(true);
        writeFileSync(claimOf(port), "", { mode: 0o600 });
      } finally {
        rmSync(lock, { force: true });
      }
    },
    release: (port) => rmSync(claimOf(port), { force: true }),
  };
}

async function takeLock(file: string, { pid, isAlive }: SharedPortsOptions): Promise<void> {
  const giveUpAtMs = performance.now() + LOCK_WAIT_MS;
  while (!tryCreate(file, String(pid))) {
    const owner = readOwner(file);
    const isLeftBehind = owner !== null && owner !== pid && !isAlive(owner);
    if (isLeftBehind || performance.now() > giveUpAtMs) rmSync(file, { force: true });
    else await wait(LOCK_POLL_MS);
  }
}

function tryCreate(file: string, content: string): boolean {
  try {
    writeFileSync(file, content, { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/** @returns null while the file is being written, or is gone again. */
function readOwner(file: string): number | null {
  try {
    const owner = Number.parseInt(readFileSync(file, "utf8"), 10);
    return Number.isNaN(owner) ? null : owner;
  } catch {
    // Its owner was quicker: the next try to create it will tell.
    return null;
  }
}

function bindOnce({ host, port, transport }: Where): Promise<void> {
  return new Promise((resolve, reject) => {
    if (transport === "udp") {
      const socket = createSocket({ type: host.includes(":") ? "udp6" : "udp4" });
      socket.once("error", reject);
      socket.bind({ address: host, port, exclusive: true }, () => socket.close(() => resolve()));
      return;
    }
    const server = createServer();
    server.once("error", reject);
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve()));
  });
}
