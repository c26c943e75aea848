import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startChild, stopChild } from "../child.ts";
import { describeGateway, freePort, startProduct } from "../paths/culvert.ts";
import type { HttpTarget } from "./wire.ts";

/** A way from the load generator to the HTTP service. */
export interface HttpPath {
  readonly name: string;
  /** Null where the machine lacks what it needs. */
  start(servicePort: number): Promise<RunningHttpPath | null>;
}

export interface RunningHttpPath {
  readonly target: HttpTarget;
  /** Processes whose memory and processor time count. */
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

export interface NamedHttpPath extends RunningHttpPath {
  readonly name: string;
}

const HOST = "bench.test";
const READY_TIMEOUT_MS = 10_000;
const POLL_MS = 50;

const DIRECT: HttpPath = {
  name: "direct",
  start: async (port) => ({
    target: { port, host: HOST },
    pids: [],
    stop: async () => undefined,
  }),
};

const ONE_HOP: HttpPath = {
  name: "node:http",
  start: async (servicePort) => {
    const script = new URL("one-hop-proxy.ts", import.meta.url).pathname;
    const proxy = await startChild({ script, args: [String(servicePort)] });
    return {
      target: { port: proxy.ready["port"] ?? 0, host: HOST },
      pids: [proxy.pid],
      stop: () => proxy.stop(),
    };
  },
};

const HAPROXY: HttpPath = {
  name: "haproxy",
  start: async (servicePort) => {
    if (spawnSync("haproxy", ["-v"], { stdio: "ignore" }).status !== 0) return null;
    const folder = await mkdtemp(join(tmpdir(), "culvert-bench-haproxy-"));
    const port = await freePort();
    const config = join(folder, "haproxy.cfg");
    await writeFile(config, describeHaproxy(port, servicePort));
    const child = spawn("haproxy", ["-f", config, "-db"], { stdio: "ignore" });
    await waitForPort(port);
    return {
      target: { port, host: HOST },
      pids: [child.pid ?? 0],
      stop: async () => {
        await stopChild(child);
        await rm(folder, { recursive: true });
      },
    };
  },
};

/** One thread, as the others have. */
function describeHaproxy(port: number, servicePort: number): string {
  return `global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  timeout tunnel 1h
  http-reuse always
frontend edge
  bind 127.0.0.1:${port}
  default_backend service
backend service
  server one 127.0.0.1:${servicePort}
`;
}

const CULVERT: HttpPath = {
  name: "culvert",
  start: async (servicePort) => {
    const product = await startProduct(describeGateway({ HTTP: servicePort }), ["http"]);
    const [host = "", port] = product.addressOf("http").split(":");
    const { pids } = product;
    return { target: { port: Number(port), host }, pids, stop: () => product.stop() };
  },
};

export const HTTP_PATHS: readonly HttpPath[] = [DIRECT, ONE_HOP, HAPROXY, CULVERT];

async function waitForPort(port: number): Promise<void> {
  const endsAt = performance.now() + READY_TIMEOUT_MS;
  for (;;) {
    const socket = connect({ port, host: "127.0.0.1" });
    const isOpen = await Promise.race([
      once(socket, "connect").then(() => true),
      once(socket, "error").then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (isOpen) return;
    if (performance.now() > endsAt) throw new Error(`nothing listens on ${port}`);
    await sleep(POLL_MS);
  }
}
