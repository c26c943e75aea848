import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { z } from "zod";
import { stopChild } from "../child.ts";
import type { BenchPath, BenchService, RunningPath } from "./path.ts";

const ROOT = new URL("../..", import.meta.url).pathname;
const CLI = join(ROOT, "bin/culvert.ts");
const READY_TIMEOUT_MS = 60_000;
const POLL_MS = 200;
/** Of relay ports, for the one tunnel. */
const PORT_RANGE = 20;

const NewCluster = z.object({ clusterId: z.string(), token: z.string() });
const TunnelList = z.object({
  items: z.array(
    z.object({
      protocol: z.string(),
      phase: z.string(),
      endpoints: z.array(
        z.object({ kind: z.string(), address: z.string(), verifiedAt: z.string().nullable() }),
      ),
    }),
  ),
});

/** The product as people run it: server and agent, started through the command line, with a tunnel to the service. */
export const CULVERT_PATH: BenchPath = { name: "culvert", start: startCulvert };

async function startCulvert(service: BenchService): Promise<RunningPath> {
  const product = await startProduct(describe(service), ["tcp", "udp"]);
  return {
    port: portOf(product.addressOf("tcp")),
    udpPort: portOf(product.addressOf("udp")),
    pids: product.pids,
    stop: () => product.stop(),
  };
}

export interface RunningProduct {
  /** `host:port` of the tunnel of a protocol. */
  addressOf(protocol: string): string;
  /** Relay and agent. */
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

/** @param manifest what the agent discovers. @param protocols whose tunnels are waited for. */
export async function startProduct(
  manifest: string,
  protocols: readonly string[],
): Promise<RunningProduct> {
  // Without a build pages would be compiled when they are asked for, and the bench asks for none.
  const serverArgs = existsSync(join(ROOT, ".next/BUILD_ID")) ? ["server"] : ["server", "--dev"];
  const dataDir = await mkdtemp(join(tmpdir(), "culvert-bench-"));
  const manifests = join(dataDir, "manifests");
  await mkdir(manifests);
  await writeFile(join(manifests, "bench.yaml"), manifest);
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
    const agent = start(["agent"], {
      ...env,
      CULVERT_DISCOVERY: `file:${manifests}`,
      CULVERT_URL: url,
      CULVERT_TOKEN: cluster.token,
      CULVERT_AGENT_PORT: "0",
    });
    children.push(agent);
    const addresses = await waitForTunnels({ url, apiKey, protocols });
    const relayPid = await findRelay(server.pid ?? 0);
    const addressOf = (protocol: string): string => addresses.get(protocol) ?? "";
    return { addressOf, pids: [relayPid, agent.pid ?? 0], stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function portOf(address: string): number {
  return Number(address.split(":").at(-1));
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

interface Awaited {
  readonly url: string;
  readonly apiKey: string;
  readonly protocols: readonly string[];
}

async function waitForTunnels(awaited: Awaited): Promise<ReadonlyMap<string, string>> {
  const addresses = new Map<string, string>();
  await until(async () => {
    const response = await fetch(`${awaited.url}/api/v1/tunnels`, {
      headers: { authorization: `Bearer ${awaited.apiKey}` },
    });
    for (const { protocol, endpoints } of TunnelList.parse(await response.json()).items) {
      const served = endpoints.find(({ verifiedAt }) => verifiedAt !== null);
      if (served !== undefined) addresses.set(protocol, served.address);
    }
    return awaited.protocols.every((protocol) => addresses.has(protocol));
  }, "the tunnels to be published");
  return addresses;
}

/** What the agent discovers: the service as one Gateway with a listener for TCP and one for UDP. */
function describe({ port, udpPort }: BenchService): string {
  return describeGateway({ TCP: port, UDP: udpPort });
}

/** One Gateway with a listener for each protocol, and the port of loopback that serves it. */
export function describeGateway(services: Readonly<Record<string, number>>): string {
  const protocols = Object.entries(services);
  const listeners = protocols.map(
    ([protocol]) => `    - { name: ${protocol.toLowerCase()}, protocol: ${protocol}, port: 7 }\n`,
  );
  return `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { namespace: bench, name: edge, labels: { culvert.dev/managed: "true" } }
spec:
  gatewayClassName: bench
  listeners:
${listeners.join("")}---
${protocols.map(([protocol, port]) => describeRoute(protocol, port)).join("---\n")}`;
}

function describeRoute(protocol: string, port: number): string {
  const transport = protocol === "UDP" ? "UDP" : "TCP";
  const name = protocol.toLowerCase();
  return `apiVersion: gateway.networking.k8s.io/v1
kind: ${protocol}Route
metadata: { namespace: bench, name: ${name} }
spec:
  parentRefs: [{ name: edge, sectionName: ${name} }]
  rules: [{ backendRefs: [{ name: ${name}, port: 7 }] }]
---
apiVersion: v1
kind: Service
metadata: { namespace: bench, name: ${name} }
spec: { ports: [{ protocol: ${transport}, port: 7 }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { namespace: bench, name: ${name}-1, labels: { kubernetes.io/service-name: ${name} } }
addressType: IPv4
ports: [{ protocol: ${transport}, port: ${port} }]
endpoints: [{ addresses: [127.0.0.1], conditions: { ready: true } }]
`;
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

export async function freePort(): Promise<number> {
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
