import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { ListenerKey } from "#protocol/control/inventory.ts";
import { parseAgentConfig } from "./config/config.ts";
import { createLog } from "./log.ts";
import { runAgent } from "./run.ts";
import { startService } from "./testing/services.ts";
import { TestHub } from "./testing/test-hub.ts";

/* What a relay hears of a folder of HTTP routes, and where its streams come out. */

const cleanups: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A service that says its name and hangs up. */
async function startNamed(name: string): Promise<number> {
  const service = await startService((socket) => void socket.end(name));
  cleanups.push(() => service.close());
  return service.port;
}

/** Starts an agent on a folder of one file. @returns its link, once it has reported. */
async function startOn(manifest: string) {
  const folder = await mkdtemp(join(tmpdir(), "culvert-test-"));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, "shop.yaml"), manifest);
  const hub = await new TestHub().listen(0);
  cleanups.push(() => hub.close());
  const parsed = parseAgentConfig({
    env: { CULVERT_URL: hub.url, CULVERT_TOKEN: "cvt_test", CULVERT_AGENT_PORT: "0" },
    fileText: null,
    flags: { discovery: `file:${folder}` },
    exposes: [],
    hostname: "test-host",
    isTerminal: false,
  });
  if (!parsed.ok) throw new Error(parsed.problems.join("\n"));
  const kill = new AbortController();
  const exit = runAgent({
    config: parsed.config,
    log: createLog({
      level: "silent",
      format: "json",
      now: () => new Date(),
      write: () => undefined,
    }),
    drain: new AbortController().signal,
    kill: kill.signal,
    memoryBytes: () => 1,
    drainMs: 5_000,
  });
  cleanups.push(async () => {
    kill.abort();
    await exit;
  });
  const link = await hub.untilUp();
  const inventory = await hub.until("an inventory", () => link.inventories.at(-1) ?? false);
  return { link, inventory };
}

const service = (name: string, port: number, appProtocol = "http"): string => `---
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: shop }
spec: { ports: [{ name: main, port: 80, appProtocol: ${appProtocol} }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: ${name}-1, namespace: shop, labels: { kubernetes.io/service-name: ${name} } }
addressType: IPv4
ports: [{ name: main, port: ${port} }]
endpoints: [{ addresses: [127.0.0.1] }]
`;

const ROUTES = `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge, namespace: shop, labels: { culvert.dev/managed: "true" } }
spec: { listeners: [{ name: web, protocol: HTTP, port: 80 }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: web, namespace: shop }
spec:
  parentRefs: [{ name: edge }]
  hostnames: [Shop.example.com, "*.shop.example.com"]
  rules:
    - matches:
        - path: { type: PathPrefix, value: /api_v2 }
          method: POST
          headers: [{ name: X-Tenant_Id, value: Blue_Green }]
      filters:
        - type: URLRewrite
          urlRewrite: { path: { type: ReplacePrefixMatch, replacePrefixMatch: / } }
        - type: RequestMirror
          requestMirror: { backendRef: { name: copy, port: 80 }, percent: 10 }
        - type: CORS
          cors: { allowOrigins: ["*"] }
      timeouts: { request: 1m30s, backendRequest: 500ms }
      backendRefs:
        - name: old
          port: 80
          weight: 9
        - name: new
          port: 80
          filters:
            - type: RequestHeaderModifier
              requestHeaderModifier: { set: [{ name: X-Canary, value: "1" }] }
        - { name: gone, port: 80, weight: 2 }
    - backendRefs: [{ name: old, port: 80 }]
---
apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: { name: rpc, namespace: shop }
spec:
  parentRefs: [{ name: edge }]
  hostnames: [rpc.example.com]
  rules:
    - matches: [{ method: { service: shop.Orders, method: Get } }]
      backendRefs: [{ name: new, port: 80 }]
`;

const WEB: ListenerKey = {
  namespace: "shop",
  gateway: "edge",
  protocol: "http",
  port: 80,
  hostname: null,
};

describe("a folder of HTTP routes", () => {
  it("reaches the server rule by rule, and each backend can be dialled by name", async () => {
    const [old, fresh, copy, secret] = await Promise.all(
      ["old", "new", "copy", "secret"].map(startNamed),
    );
    const { link, inventory } = await startOn(
      [
        ROUTES,
        service("old", old ?? 0),
        service("new", fresh ?? 0, "kubernetes.io/h2c"),
        service("copy", copy ?? 0),
        service("secret", secret ?? 0),
      ].join(""),
    );
    const [listener] = inventory.gateways[0]?.listeners ?? [];
    expect(listener).toMatchObject({ problem: null, backends: [{ name: "new" }, {}, {}] });
    const address = { namespace: "shop", port: 80 };
    const plain = { filters: [], protocol: "http1", ready: true, isInvalid: false };
    const anything = { method: null, headers: [], query: [] };
    const noTimeouts = { requestTimeoutMs: null, backendTimeoutMs: null };
    expect(listener?.http).toEqual({
      isThroughGateway: false,
      isTls: false,
      rules: [
        {
          route: "GRPCRoute shop/rpc",
          hostnames: ["rpc.example.com"],
          matches: [{ ...anything, path: { type: "Exact", value: "/shop.Orders/Get" } }],
          filters: [],
          backends: [{ ...address, ...plain, name: "new", weight: 1, protocol: "h2c" }],
          ...noTimeouts,
        },
        {
          route: "HTTPRoute shop/web",
          hostnames: ["shop.example.com", "*.shop.example.com"],
          matches: [
            {
              path: { type: "PathPrefix", value: "/api_v2" },
              method: "POST",
              headers: [{ type: "Exact", name: "X-Tenant_Id", value: "Blue_Green" }],
              query: [],
            },
          ],
          filters: [
            { type: "rewrite", hostname: null, path: { type: "ReplacePrefixMatch", value: "/" } },
            {
              type: "mirror",
              backend: { ...address, name: "copy", protocol: "http1" },
              numerator: 10,
              denominator: 100,
            },
            { type: "unsupported", name: "CORS" },
          ],
          backends: [
            { ...address, ...plain, name: "old", weight: 9 },
            {
              ...address,
              ...plain,
              name: "new",
              weight: 1,
              protocol: "h2c",
              filters: [
                {
                  type: "request_headers",
                  change: { set: [{ name: "X-Canary", value: "1" }], add: [], remove: [] },
                },
              ],
            },
            { ...address, ...plain, name: "gone", weight: 2, ready: false, isInvalid: true },
          ],
          requestTimeoutMs: 90_000,
          backendTimeoutMs: 500,
        },
        {
          route: "HTTPRoute shop/web",
          hostnames: ["shop.example.com", "*.shop.example.com"],
          matches: [{ ...anything, path: { type: "PathPrefix", value: "/" } }],
          filters: [],
          backends: [{ ...address, ...plain, name: "old", weight: 1 }],
          ...noTimeouts,
        },
      ],
    });
    for (const name of ["old", "new", "copy"]) {
      expect(await link.open(WEB, { backend: { ...address, name } }).text).toBe(name);
    }
    for (const name of ["gone", "secret"]) {
      const { reply } = link.open(WEB, { backend: { ...address, name } });
      expect((await reply).status).toBe("forbidden");
    }
  });
});
