import { readdirSync, readFileSync, rmSync, writeFileSync, mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

/** Whether a port may be shared with the other relay processes of this installation. */
export interface PortClaims {
  /**
   * @returns whether to bind with SO_REUSEPORT.
   * @throws the system's error when somebody else holds the port.
   */
  claim(host: string, port: number): Promise<boolean>;
  release(port: number): void;
}

/** For the only relay process of an installation: ports are bound for itself alone. */
export const EXCLUSIVE_PORTS: PortClaims = {
  claim: () => Promise.resolve(false),
  release: () => undefined,
};

/**
 * Lets sibling relay processes share a port, and nobody else.
 *
 * With SO_REUSEPORT a second installation of the same user would silently get half of the clients. So the port is first
 * bound exclusively, as a test. That fails, too, when a sibling has it already; siblings leave their process id in the
 * run directory to tell the two apart.
 */
export function createSharedPorts(options: {
  readonly folder: string;
  readonly pid: number;
  readonly isAlive: (pid: number) => boolean;
}): PortClaims {
  mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  const fileOf = (port: number): string => join(options.folder, `${port}.${options.pid}`);
  const siblingHolds = (port: number): boolean =>
    readdirSync(options.folder).some((name) => {
      const [claimed, pid] = name.split(".").map(Number);
      if (claimed !== port || pid === undefined || pid === options.pid) return false;
      if (options.isAlive(pid)) return readFileSync(join(options.folder, name), "utf8") === "held";
      rmSync(join(options.folder, name), { force: true });
      return false;
    });
  return {
    claim: async (host, port) => {
      try {
        await bindOnce(host, port);
      } catch (error) {
        if (!siblingHolds(port)) throw error;
      }
      writeFileSync(fileOf(port), "held", { mode: 0o600 });
      return true;
    },
    release: (port) => rmSync(fileOf(port), { force: true }),
  };
}

function bindOnce(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve()));
  });
}
