import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { z } from "zod";
import { stopChild } from "../child.ts";
import type { BenchPath, RunningPath } from "./path.ts";

const ROOT = new URL("../..", import.meta.url).pathname;
const CLI = join(ROOT, "bin/culvert.ts");
const READY_TIMEOUT_MS = 60_000;
const POLL_MS = 200;
/** Of relay ports, for the one tunnel. */
const PORT_RANGE = 20;

const NewCluster = z.object({ clusterId: z.string(), token: z.string() });
const TunnelList = z.object({
  items: z.array(z.object({ endpoints: z.array(z.object({ address: z.string() })) })),
});

/** The product as people run it: server and agent, started through the command line, with a tunnel to the service. */
export const CULVERT_PATH: BenchPath = { name: "culvert", start: startCulvert };

async function startCulvert(servicePort: number): Promise<RunningPath> {
  // Without a build pages would be compiled when they are asked for, and the bench asks for none.
  const serverArgs = existsSync(join(ROOT, ".next/BUILD_ID")) ? ["server"] : ["server", "--dev"];
  const dataDir = await mkdtemp(join(tmpdir(), "culvert-bench-"));
  const env = await environment(dataDir);
  const children: ChildProcess[] = [];
  const stop = async (): Promise<void> => {
    for (const child of children.reverse()) await stopChild(child);
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const url = env["CULVERT_PUBLIC_URL"] ?? "";
    const server = start(serverArgs, env);
    children.push(server);
    await until(async () => (await fetch(`${url}/readyz`)).ok, "the server to be ready");
    const cluster = NewCluster.parse(
      JSON.parse(await admin(["create-cluster", "--name", "bench"], env)),
    );
    const apiKey = (await admin(["create-api-key", "--name", "bench"], env)).trim();
    const agent = start(["agent", "--expose", `bench=tcp://127.0.0.1:${servicePort}`], {
      ...env,
      CULVERT_URL: url,
      CULVERT_TOKEN: cluster.token,
      CULVERT_AGENT_PORT: "0",
    });
    children.push(agent);
    const port = await waitForTunnel(url, apiKey);
    const relayPid = await findRelay(server.pid ?? 0);
    return { port, pids: [relayPid, agent.pid ?? 0], stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function environment(dataDir: string): Promise<NodeJS.ProcessEnv> {
  const [port, edgePort, firstRelayPort] = [await freePort(), await freePort(), await freePort()];
  return {
    ...process.env,
    CULVERT_DATA_DIR: dataDir,
    CULVERT_HOST: "127.0.0.1",
    CULVERT_PORT: String(port),
    CULVERT_PUBLIC_URL: `http://localhost:${port}`,
    CULVERT_RELAY_BIND: "127.0.0.1",
    CULVERT_EDGE_PORT: String(edgePort),
    CULVERT_RELAY_PORTS: `${firstRelayPort}-${Math.min(firstRelayPort + PORT_RANGE, 65_535)}`,
    CULVERT_LOG_LEVEL: "error",
  };
}

function start(args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  return spawn(process.execPath, [CLI, ...args], {
    cwd: ROOT,
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });
}

async function admin(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const run = promisify(execFile);
  return (await run(process.execPath, [CLI, "admin", ...args], { cwd: ROOT, env })).stdout;
}

async function waitForTunnel(url: string, apiKey: string): Promise<number> {
  let port = 0;
  await until(async () => {
    const response = await fetch(`${url}/api/v1/tunnels`, {
      headers: { authorization: `Bearer ${apiKey}` },
    });
    const address = TunnelList.parse(await response.json()).items[0]?.endpoints[0]?.address;
    port = Number(address?.split(":").at(-1) ?? 0);
    return port > 0;
  }, "the tunnel to be published");
  return port;
}

async function until(isReached: () => Promise<boolean>, what: string): Promise<void> {
  const deadlineMs = performance.now() + READY_TIMEOUT_MS;
  for (;;) {
    // Not there yet looks like a refused connection.
    if (await isReached().catch(() => false)) return;
    if (performance.now() > deadlineMs) throw new Error(`waited in vain for ${what}`);
    await sleep(POLL_MS);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** The relay process is a child of the supervisor. */
async function findRelay(supervisorPid: number): Promise<number> {
  const children = await readFile(`/proc/${supervisorPid}/task/${supervisorPid}/children`, "utf8");
  for (const pid of children.trim().split(" ").map(Number)) {
    if ((await readFile(`/proc/${pid}/cmdline`, "utf8")).includes("relay/main.ts")) return pid;
  }
  throw new Error("the server has no relay process");
}
