import { createHash, randomInt } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClusterId, RelayId, TokenId, TunnelId } from "#protocol/api/ids.ts";
import type { TunnelPolicy } from "#protocol/api/tunnels.ts";
import type { DesiredState, DesiredToken, DesiredTunnel } from "#protocol/relay/desired-state.ts";
import type { Clock } from "#server/lib/clock.ts";
import { createLogger } from "#server/observability/logger.ts";
import {
  FRONT_DOOR_TIMEOUTS,
  type FrontDoorTimeouts,
} from "#server/relay/front-door/front-door.ts";
import { EXCLUSIVE_PORTS } from "#server/relay/listeners/port-claims.ts";
import { RelayProcess } from "#server/relay/relay-process.ts";
import { FakeWeb } from "#server/relay/testing/fake-web.ts";
import { AgentHub } from "../agent-hub.ts";
import { HUB_DEFAULTS, type HubSettings } from "../hub-settings.ts";
import { FakeAgent, inventoryOf, type FakeAgentOptions } from "./fake-agent.ts";

export const CLUSTER = ClusterId.parse("cl_00000000000000000001");
export const TOKEN = "cvt_known";
export const TUNNEL = TunnelId.parse("tn_00000000000000000001");
/** Port of the listener `shop/edge` that the first tunnel publishes. */
export const GATEWAY_PORT = 5432;
const SECRET = "channel secret";

/** The system's clock, which can be put forward. */
export class ShiftedClock implements Clock {
  #shiftMs = 0;
  advance(ms: number): void {
    this.#shiftMs += ms;
  }
  now(): number {
    return Date.now() + this.#shiftMs;
  }
  monotonicMs(): number {
    return performance.now() + this.#shiftMs;
  }
}

export function tokenOf(text: string, over: Partial<DesiredToken> = {}): DesiredToken {
  return {
    tokenId: TokenId.parse(`tk_${createHash("sha256").update(text).digest("hex").slice(0, 20)}`),
    clusterId: CLUSTER,
    sha256: createHash("sha256").update(text).digest("hex"),
    expiresAt: null,
    ...over,
  };
}

export interface TunnelSketch extends Partial<Omit<DesiredTunnel, "policy">> {
  readonly relayPort: number | null;
  readonly policy?: Partial<TunnelPolicy>;
}

export function tunnelOf<T extends TunnelSketch>(sketch: T): DesiredTunnel & Pick<T, "relayPort"> {
  return {
    id: TUNNEL,
    clusterId: CLUSTER,
    target: {
      namespace: "shop",
      gateway: "edge",
      protocol: "tcp",
      port: GATEWAY_PORT,
      hostname: null,
    },
    state: "open",
    mode: "tunnel",
    direct: [],
    endpoints: [],
    ...sketch,
    policy: {
      connectTimeoutMs: 5_000,
      idleTimeoutMs: 60_000,
      maxConnections: 10_000,
      directDrainMs: null,
      allowedOrigins: [],
      ...sketch.policy,
    },
  };
}

export function desiredOf(over: Partial<DesiredState> = {}): DesiredState {
  return {
    clusters: [{ id: CLUSTER, name: "edge site" }],
    tokens: [tokenOf(TOKEN)],
    tunnels: [],
    ...over,
  };
}

export interface HarnessOptions {
  readonly desired?: DesiredState;
  readonly settings?: Partial<HubSettings>;
  readonly withoutWeb?: boolean;
  readonly trustedProxies?: readonly string[];
  readonly timeouts?: Partial<FrontDoorTimeouts>;
  readonly directCidrs?: readonly string[];
  /** Of the HTTP edge, which listens while there is an HTTP tunnel. */
  readonly edgePort?: number;
  /** What the DNS says; no name exists otherwise. */
  readonly names?: Readonly<Record<string, readonly string[]>>;
}

/** A whole relay with real sockets, the web process and agents played by fakes. */
export async function startHarness(options: HarnessOptions = {}) {
  const folder = await mkdtemp(join(tmpdir(), "culvert-relay-"));
  const sockets = { web: join(folder, "web.sock"), control: join(folder, "control.sock") };
  const web = new FakeWeb(sockets, SECRET);
  const clock = new ShiftedClock();
  const relayId = RelayId.parse("rl_1");
  const lines: Record<string, unknown>[] = [];
  const relayPorts = new Set(options.desired?.tunnels.map((tunnel) => tunnel.relayPort));
  const log = createLogger({
    level: "debug",
    name: "relay",
    destination: {
      write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>),
    },
  });
  const relay = new RelayProcess({
    relayId,
    version: "0.0.0-test",
    pid: 1,
    frontDoor: {
      host: "127.0.0.1",
      port: 0,
      trustedProxies: options.trustedProxies ?? [],
      timeouts: { ...FRONT_DOOR_TIMEOUTS, ...options.timeouts },
    },
    bind: "127.0.0.1",
    edge: {
      port: options.edgePort ?? 0,
      reserved: { publicHost: "culvert.test", domain: "tunnel.test" },
    },
    claims: EXCLUSIVE_PORTS,
    direct: {
      directCidrs: options.directCidrs ?? [],
      ownHosts: [],
      isOwnPort: (port) => relayPorts.has(port),
      lookUp: (name) => Promise.resolve(options.names?.[name] ?? []),
    },
    sockets,
    channelSecret: SECRET,
    clock,
    random: () => 0.1,
    log,
    memoryBytes: () => 1,
    listenerRetryMs: 50,
    createHub: ({ isWebReachable }) =>
      new AgentHub({
        settings: {
          ...HUB_DEFAULTS,
          relayId,
          relayIds: [relayId],
          serverVersion: "0.0.0-test",
          publicOrigin: "http://culvert.test",
          ...options.settings,
        },
        clock,
        log,
        isWebReachable,
      }),
  });
  const closers: (() => Promise<void> | void)[] = [];
  if (options.withoutWeb !== true) await web.start(options.desired ?? desiredOf());
  const port = await relay.start();
  if (options.withoutWeb !== true) await web.message(({ type }) => type === "applied");
  return {
    relay,
    web,
    clock,
    port,
    lines,
    /** An agent that is not started yet. */
    agent: (over: Partial<FakeAgentOptions> = {}): FakeAgent => {
      const agent = new FakeAgent({ port, token: TOKEN, ...over });
      closers.push(() => agent.kill());
      return agent;
    },
    /** An agent that serves the first tunnel's listener by dialling a local port. */
    serve: async (targetPort: number, over: Partial<FakeAgentOptions> = {}): Promise<FakeAgent> => {
      const agent = new FakeAgent({ port, token: TOKEN, target: () => targetPort, ...over });
      closers.push(() => agent.kill());
      await agent.start(inventoryOf([GATEWAY_PORT]));
      return agent;
    },
    /** A TCP service on this machine. @returns its port. */
    service: async (onSocket: (socket: Socket) => void): Promise<number> => {
      const server = createServer({ allowHalfOpen: true }, (socket) => {
        socket.on("error", () => undefined);
        closers.push(() => void socket.destroy());
        onSocket(socket);
      });
      closers.push(() => void server.close());
      return await listenAnywhere(server);
    },
    onClose: (close: () => Promise<void> | void) => void closers.push(close),
    close: async (): Promise<void> => {
      for (const close of closers.reverse()) await close();
      await relay.stop(0);
      await web.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type Harness = Awaited<ReturnType<typeof startHarness>>;

export async function listenAnywhere(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** Below the kernel's ephemeral range, so that no other test's connection is given it meanwhile. */
const FREE_PORTS = { from: 20_000, to: 31_999 };

/** A port nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FREE_PORTS.from, FREE_PORTS.to + 1);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, () => resolve(true));
    });
    if (!isFree) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

/** A client, connected. */
export async function dial(port: number): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  return socket;
}

/** Everything until the end. @returns the error's code instead when the connection broke. */
export function readAll(socket: Socket): Promise<{ text: string; error: string | null }> {
  const parts: Buffer[] = [];
  return new Promise((resolve) => {
    let error: string | null = null;
    socket.on("data", (chunk: Buffer) => void parts.push(chunk));
    socket.on("error", (cause: NodeJS.ErrnoException) => {
      error = cause.code ?? cause.message;
    });
    const finish = (): void => resolve({ text: Buffer.concat(parts).toString(), error });
    socket.on("end", finish);
    socket.on("close", finish);
  });
}

/** A client that only listens. A reset may come so soon that the system reports it of the connect itself. */
export async function dialAndRead(port: number): Promise<{ text: string; error: string | null }> {
  return await readAll(connect({ port, host: "127.0.0.1" }));
}

/** Starts harnesses and remembers them, so that `afterEach(book.close)` leaves nothing behind. */
export function createHarnessBook() {
  const running: Harness[] = [];
  const start = async (options: HarnessOptions = {}): Promise<Harness> => {
    const harness = await startHarness(options);
    running.push(harness);
    return harness;
  };
  return {
    start,
    /** A relay with one open tunnel. */
    startWithTunnel: async (sketch: Partial<TunnelSketch> = {}, options: HarnessOptions = {}) => {
      const relayPort = await freePort();
      const tunnel = tunnelOf({ relayPort, ...sketch });
      const harness = await start({ desired: desiredOf({ tunnels: [tunnel] }), ...options });
      return { harness, relayPort, tunnel };
    },
    close: async (): Promise<void> => {
      for (const harness of running.splice(0)) await harness.close();
    },
  };
}
