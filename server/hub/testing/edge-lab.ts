import { createServer as createHttp1, type RequestListener, type Server } from "node:http";
import { type AddressInfo, createServer as createTcp, type Socket } from "node:net";
import { TunnelId } from "#protocol/api/ids.ts";
import type { HttpRouting, HttpRule } from "#protocol/control/http-routing.ts";
import type { Inventory } from "#protocol/control/inventory.ts";
import type { DesiredTunnel } from "#protocol/relay/desired-state.ts";
import { inventoryOf } from "#server/hub/testing/fake-agent.ts";
import {
  createHarnessBook,
  desiredOf,
  freePort,
  listenAnywhere,
  tunnelOf,
  type HarnessOptions,
} from "#server/hub/testing/relay-harness.ts";
import { backendOf, matchOf } from "#server/relay/edge/testing/http-rule.ts";

export const OWN_NAME = "edge-00000001.tunnel.test";
const LISTENER_PORT = 80;

export function ruleOf(over: Partial<HttpRule> = {}): HttpRule {
  return {
    route: "HTTPRoute shop/web",
    hostnames: [],
    matches: [matchOf()],
    filters: [],
    backends: [backendOf("web")],
    requestTimeoutMs: null,
    backendTimeoutMs: null,
    ...over,
  };
}

export function httpTunnelOf(
  rules: readonly HttpRule[],
  over: Partial<DesiredTunnel> & { readonly routing?: Partial<HttpRouting> } = {},
): DesiredTunnel {
  const { routing, ...rest } = over;
  return tunnelOf({
    id: TunnelId.parse("tn_00000000000000000007"),
    relayPort: null,
    target: {
      namespace: "shop",
      gateway: "edge",
      protocol: "http",
      port: LISTENER_PORT,
      hostname: null,
    },
    http: {
      ownName: OWN_NAME,
      hostnames: rules.flatMap(({ hostnames }) => hostnames),
      routing: { isThroughGateway: false, isTls: false, rules: [...rules], ...routing },
      allowedOrigins: [],
    },
    ...rest,
  });
}

/** The HTTP listener of the lab's tunnels, as an agent reports it. */
export function httpInventory(): Inventory {
  const inventory = inventoryOf([LISTENER_PORT]);
  const [gateway] = inventory.gateways;
  if (gateway === undefined) throw new Error("an inventory has a Gateway");
  const listeners = gateway.listeners.map((listener) => ({
    ...listener,
    protocol: "http" as const,
  }));
  return { ...inventory, gateways: [{ ...gateway, namespace: "shop", name: "edge", listeners }] };
}

/** Relays with an HTTP tunnel, an agent that dials local services by the name of the backend, and HTTP services. */
export function createEdgeBook() {
  const book = createHarnessBook();
  const closers: (() => void)[] = [];
  const servers: Server[] = [];
  return {
    book,
    /** A service by HTTP/1.1. @returns its port. */
    service: async (listener: RequestListener): Promise<number> => {
      const server = createHttp1(listener);
      servers.push(server);
      closers.push(() => {
        server.closeAllConnections();
        server.close();
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      return (server.address() as AddressInfo).port;
    },
    /** A service that is written by hand. @returns its port, and its connections as they come. */
    rawService: async (onData: (socket: Socket, n: number) => void) => {
      const sockets: Socket[] = [];
      const server = createTcp((socket) => {
        sockets.push(socket);
        let n = 0;
        socket.on("error", () => undefined);
        socket.on("data", () => onData(socket, (n += 1)));
      });
      closers.push(() => {
        for (const socket of sockets) socket.destroy();
        server.close();
      });
      return { port: await listenAnywhere(server), sockets };
    },
    /** The service that was started last. */
    lastServer: (): Server => {
      const server = servers.at(-1);
      if (server === undefined) throw new Error("no service was started");
      return server;
    },
    onClose: (close: () => void) => void closers.push(close),
    /** @param ports where each backend listens, by its name; a status of the agent for those that do not. */
    start: async (
      tunnel: DesiredTunnel,
      ports: Readonly<Record<string, number | "refused" | "no_backend" | "cut">>,
      options: HarnessOptions = {},
    ) => {
      const edgePort = await freePort();
      const desired = desiredOf({ tunnels: [tunnel] });
      const harness = await book.start({ desired, edgePort, ...options });
      const agent = harness.agent({
        target: ({ backend }) => ports[backend?.name ?? "gateway"] ?? "not_found",
      });
      await agent.start(httpInventory());
      await harness.web.event("inventory");
      return { harness, agent, edgePort };
    },
    close: async (): Promise<void> => {
      await book.close();
      for (const close of closers.splice(0)) close();
    },
  };
}
