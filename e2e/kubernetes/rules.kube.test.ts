import { expect, it } from "vitest";
import { eventually } from "../harness/process.ts";
import {
  ClusterError,
  type ClusterClient,
  type KubernetesObject,
} from "./harness/cluster-client.ts";
import { describeKubernetes } from "./harness/describe-kubernetes.ts";
import { findApiServer } from "./harness/find-api-server.ts";
import { NEWEST } from "./harness/gateway-api.ts";
import { startLab } from "./harness/lab.ts";
import { findListener } from "./harness/seen.ts";
import { endpointSlice, gateway, route, service } from "./harness/objects.ts";
import { untilVerdicts } from "./harness/verdicts.ts";

/*
 * The rules of the Gateway API on objects that a real API server has taken, as one agent reports them. The full tables
 * stand beside the rules, in agent/discovery/rules/conformance.
 */

const GROUP = "gateway.networking.k8s.io";

const db = (namespace: string, name = "db"): KubernetesObject[] => [
  service(namespace, name, 5432),
  endpointSlice({ namespace, service: name }, 5432, [{ address: "198.51.100.7" }]),
];
const TO_DB = [{ name: "db", port: 5432 }];

const grant = (namespace: string, name: string, from: object, to: object): KubernetesObject => ({
  apiVersion: `${GROUP}/v1beta1`,
  kind: "ReferenceGrant",
  metadata: { namespace, name },
  spec: { from: [{ group: GROUP, ...from }], to: [{ group: "", kind: "Service", ...to }] },
});

/** Creates an object whose creationTimestamp is later than another's: the API server counts whole seconds. */
async function applyLater(
  client: ClusterClient,
  later: KubernetesObject,
  than: KubernetesObject,
): Promise<void> {
  const createdAt = async (object: KubernetesObject): Promise<string> =>
    ((await client.get(object))["metadata"] as { creationTimestamp: string }).creationTimestamp;
  const first = await createdAt(than);
  await eventually("a later second", async () => {
    await client.delete(later);
    await client.apply(later);
    return (await createdAt(later)) > first ? true : undefined;
  });
}

describeKubernetes("the rules of the Gateway API", await findApiServer(), (_start, share) => {
  const server = share({ bundle: NEWEST });

  it("a route attaches by section, by port, by both or to all, and to nothing else", async () => {
    const { client, kubeconfig } = server();
    const namespace = await client.createNamespace("parents");
    const listeners = [
      { name: "one", port: 1001 },
      { name: "two", port: 1002 },
      { name: "web", port: 1080, protocol: "HTTP" },
    ];
    const to = (name: string, parent: object): KubernetesObject =>
      route(
        "TCPRoute",
        { namespace, name },
        { parents: [{ name: "shop", ...parent }], backends: TO_DB },
      );
    await client.apply(
      ...db(namespace),
      gateway(namespace, "shop", { listeners }),
      to("all", {}),
      to("by-section", { sectionName: "one" }),
      to("by-port", { port: 1002 }),
      to("by-both", { sectionName: "one", port: 1001 }),
      to("lost-section", { sectionName: "typo" }),
      to("lost-port", { port: 9 }),
      to("lost-both", { sectionName: "one", port: 1002 }),
      to("not-tcp", { sectionName: "web" }),
    );
    const { seen } = await startLab(kubeconfig);
    await untilVerdicts(seen, namespace, {
      "shop/one all": "Accepted",
      "shop/one by-section": "Accepted",
      "shop/one by-both": "Accepted",
      "shop/two all": "Accepted",
      "shop/two by-port": "Accepted",
      "shop/web": "NotAllowedByListeners",
      "shop/web not-tcp": "NotAllowedByListeners",
      "TCPRoute lost-section": "NoMatchingParent",
      "TCPRoute lost-port": "NoMatchingParent",
      "TCPRoute lost-both": "NoMatchingParent",
    });
  });

  it("namespaces are allowed by name, by all or by their labels, which may change", async () => {
    const { client, kubeconfig } = server();
    const namespace = await client.createNamespace("gateways");
    const other = await client.createNamespace("routes", { team: "other" });
    const allow = (name: string, port: number, namespaces: object) => ({
      name,
      port,
      allowedRoutes: { namespaces },
    });
    const selector = { matchLabels: { team: "shop" } };
    await client.apply(
      ...db(other),
      gateway(namespace, "shop", {
        listeners: [
          allow("same", 1, { from: "Same" }),
          allow("all", 2, { from: "All" }),
          allow("selector", 3, { from: "Selector", selector }),
        ],
      }),
      ...["same", "all", "selector"].map((sectionName) =>
        route(
          "TCPRoute",
          { namespace: other, name: sectionName },
          { parents: [{ name: "shop", namespace, sectionName }], backends: TO_DB },
        ),
      ),
    );
    const { seen } = await startLab(kubeconfig);
    const refused = {
      "shop/same": "NotAllowedByListeners",
      "shop/same same": "NotAllowedByListeners",
      "shop/all all": "Accepted",
    };
    await untilVerdicts(seen, namespace, {
      ...refused,
      "shop/selector": "NotAllowedByListeners",
      "shop/selector selector": "NotAllowedByListeners",
    });
    const space = { apiVersion: "v1", kind: "Namespace", metadata: { name: other } };
    await client.patch(space, { metadata: { labels: { team: "shop" } } });
    await untilVerdicts(seen, namespace, { ...refused, "shop/selector selector": "Accepted" });
  });

  it("a Service of another namespace needs a ReferenceGrant, while the reference lasts", async () => {
    const { client, kubeconfig } = server();
    const namespace = await client.createNamespace("shop");
    const data = await client.createNamespace("data");
    const backends = [{ name: "db", namespace: data, port: 5432 }];
    await client.apply(
      ...db(data),
      gateway(namespace, "shop", { listeners: [{ name: "db", port: 1 }] }),
      route("TCPRoute", { namespace, name: "db" }, { parents: ["shop"], backends }),
      grant(data, "wrong-kind", { kind: "UDPRoute", namespace }, {}),
      grant(data, "wrong-namespace", { kind: "TCPRoute", namespace: data }, {}),
      grant(data, "wrong-name", { kind: "TCPRoute", namespace }, { name: "other" }),
      grant(namespace, "wrong-place", { kind: "TCPRoute", namespace }, {}),
    );
    const { seen } = await startLab(kubeconfig);
    const refused = { "shop/db": "RefNotPermitted", "shop/db db": "RefNotPermitted" };
    await untilVerdicts(seen, namespace, refused);
    const right = grant(data, "right", { kind: "TCPRoute", namespace }, { name: "db" });
    await client.apply(right);
    await untilVerdicts(seen, namespace, { "shop/db db": "Accepted" });
    await client.delete(right);
    await untilVerdicts(seen, namespace, refused);
  });

  it("a backend must exist, be a Service and speak the right protocol; then it is used", async () => {
    const { client, kubeconfig } = server();
    const namespace = await client.createNamespace("backends");
    const refs = {
      missing: { name: "late", port: 5432 },
      kind: { name: "db", port: 5432, kind: "Bucket", group: "example.com" },
      protocol: { name: "datagrams", port: 5432 },
    };
    const datagrams = {
      ...service(namespace, "datagrams", 5432),
      spec: { ports: [{ name: "main", port: 5432, protocol: "UDP" }] },
    };
    await client.apply(
      ...db(namespace),
      datagrams,
      gateway(namespace, "shop", {
        listeners: Object.keys(refs).map((name, index) => ({ name, port: index + 1 })),
      }),
      ...Object.entries(refs).map(([name, ref]) =>
        route(
          "TCPRoute",
          { namespace, name },
          { parents: [{ name: "shop", sectionName: name }], backends: [ref] },
        ),
      ),
    );
    const { seen } = await startLab(kubeconfig);
    const wrong = {
      "shop/kind": "InvalidKind",
      "shop/kind kind": "InvalidKind",
      "shop/protocol": "UnsupportedProtocol",
      "shop/protocol protocol": "UnsupportedProtocol",
    };
    await untilVerdicts(seen, namespace, {
      ...wrong,
      "shop/missing": "BackendNotFound",
      "shop/missing missing": "BackendNotFound",
    });
    await client.apply(...db(namespace, "late"));
    await untilVerdicts(seen, namespace, { ...wrong, "shop/missing missing": "Accepted" });
  });

  it("of several TCPRoutes on a listener the oldest has it, and the next one after it", async () => {
    const { client, kubeconfig } = server();
    const namespace = await client.createNamespace("age");
    const make = (name: string): KubernetesObject =>
      route(
        "TCPRoute",
        { namespace, name },
        { parents: ["shop"], backends: [{ name, port: 5432 }] },
      );
    await client.apply(
      ...db(namespace, "z-older"),
      ...db(namespace, "a-newer"),
      gateway(namespace, "shop", { listeners: [{ name: "db", port: 1 }] }),
      make("z-older"),
    );
    await applyLater(client, make("a-newer"), make("z-older"));
    const { seen } = await startLab(kubeconfig);
    const both = { "shop/db a-newer": "Accepted", "shop/db z-older": "Accepted" };
    const before = await untilVerdicts(seen, namespace, both);
    const backendsOf = (inventory: typeof before): (string | undefined)[] =>
      inventory.gateways
        .filter((item) => item.namespace === namespace)
        .flatMap((item) => item.listeners[0]?.backends.map(({ name }) => name));
    expect(backendsOf(before)).toEqual(["z-older"]);
    await client.delete(make("z-older"));
    const after = await untilVerdicts(seen, namespace, { "shop/db a-newer": "Accepted" });
    expect(backendsOf(after)).toEqual(["a-newer"]);
  });

  it("listeners that conflict, or ask for what is not there, say so and harm no other", async () => {
    const { client, kubeconfig } = server();
    const namespace = await client.createNamespace("listeners");
    const twins = gateway(namespace, "twins", {
      listeners: [
        { name: "a", port: 1 },
        { name: "b", port: 1 },
      ],
    });
    const refusal: unknown = await client.apply(twins).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ClusterError);
    expect(refusal).toMatchObject({ status: 422 });
    await client.apply(
      ...db(namespace),
      gateway(namespace, "shop", {
        listeners: [
          { name: "tcp", port: 80 },
          { name: "http", port: 80, protocol: "HTTP" },
          { name: "fine", port: 5432 },
          { name: "odd", port: 9, protocol: "example.com/odd" },
          { name: "kinds", port: 10, allowedRoutes: { kinds: [{ kind: "BucketRoute" }] } },
          {
            name: "ends",
            port: 443,
            protocol: "TLS",
            hostname: "a.example.com",
            tls: { mode: "Terminate", certificateRefs: [{ name: "certificate" }] },
          },
        ],
      }),
      route(
        "TCPRoute",
        { namespace, name: "db" },
        { parents: [{ name: "shop", sectionName: "fine" }], backends: TO_DB },
      ),
    );
    const { seen } = await startLab(kubeconfig);
    const verdicts = {
      "shop/tcp": "ProtocolConflict",
      "shop/http": "ProtocolConflict",
      "shop/fine db": "Accepted",
      "shop/kinds": "InvalidRouteKinds",
      "shop/ends": "UnsupportedValue",
    };
    await untilVerdicts(seen, namespace, { ...verdicts, "Gateway shop": "UnsupportedProtocol" });
  });

  it("HTTPRoute, GRPCRoute and TLSRoute attach where host names meet", async () => {
    const { client, kubeconfig } = server();
    const namespace = await client.createNamespace("hosts");
    const make = (kind: string, name: string, host: string): KubernetesObject =>
      route(kind, { namespace, name }, { parents: ["shop"], hostnames: [host], backends: TO_DB });
    await client.apply(
      ...db(namespace),
      gateway(namespace, "shop", {
        listeners: [
          { name: "exact", port: 80, protocol: "HTTP", hostname: "very.specific.com" },
          { name: "wild", port: 80, protocol: "HTTP", hostname: "*.wildcard.io" },
          {
            name: "sni",
            port: 443,
            protocol: "TLS",
            hostname: "*.example.com",
            tls: { mode: "Passthrough" },
          },
        ],
      }),
      make("HTTPRoute", "wider", "*.specific.com"),
      make("GRPCRoute", "deeper", "a.b.wildcard.io"),
      make("HTTPRoute", "nowhere", "wildcard.io"),
      make("TLSRoute", "secret", "a.example.com"),
      make("TLSRoute", "stranger", "example.com"),
    );
    const { seen } = await startLab(kubeconfig);
    await untilVerdicts(seen, namespace, {
      "shop/exact wider": "Accepted",
      "shop/exact nowhere": "NoMatchingListenerHostname",
      "shop/wild deeper": "Accepted",
      "shop/wild nowhere": "NoMatchingListenerHostname",
      "shop/sni secret": "Accepted",
      "shop/sni stranger": "NoMatchingListenerHostname",
    });
  });

  it("an HTTPRoute and a GRPCRoute say what becomes of requests, with what the API server adds", async () => {
    const { client, kubeconfig } = server();
    const namespace = await client.createNamespace("requests");
    const make = (kind: string, name: string, rules: readonly object[]): KubernetesObject => ({
      ...route(kind, { namespace, name }, { parents: ["site"], backends: [] }),
      spec: { parentRefs: [{ name: "site" }], hostnames: [`${name}.example.com`], rules },
    });
    const redirect = {
      filters: [{ type: "RequestRedirect", requestRedirect: { scheme: "https" } }],
    };
    const moved = {
      matches: [{ path: { value: "/v1" } }, { headers: [{ name: "X-Beta", value: "yes" }] }],
      timeouts: { request: "1m" },
      filters: [{ type: "RequestMirror", requestMirror: { backendRef: TO_DB[0] } }],
      backendRefs: TO_DB,
    };
    const call = { matches: [{ method: { service: "shop.Orders" } }], backendRefs: TO_DB };
    await client.apply(
      ...db(namespace),
      gateway(namespace, "site", { listeners: [{ name: "web", port: 80, protocol: "HTTP" }] }),
      make("HTTPRoute", "www", [moved, redirect]),
      make("GRPCRoute", "rpc", [call]),
    );
    const { seen } = await startLab(kubeconfig);
    const inventory = await untilVerdicts(seen, namespace, {
      "site/web www": "Accepted",
      "site/web rpc": "Accepted",
    });
    const listener = findListener(inventory, { namespace, gateway: "site", port: 80 });
    const backend = { namespace, name: "db", port: 5432, ready: true, isInvalid: false };
    const { rules = [] } = listener?.http ?? {};
    const rulesOf = (kind: string) => rules.filter(({ route: from }) => from.startsWith(kind));
    expect(rulesOf("HTTPRoute")).toMatchObject([
      {
        hostnames: ["www.example.com"],
        matches: [
          { path: { type: "PathPrefix", value: "/v1" }, method: null },
          {
            path: { type: "PathPrefix", value: "/" },
            headers: [{ type: "Exact", name: "X-Beta", value: "yes" }],
          },
        ],
        filters: [{ type: "mirror", numerator: 100, denominator: 100 }],
        backends: [{ ...backend, weight: 1, protocol: "http1" }],
        requestTimeoutMs: 60_000,
      },
      {
        matches: [{ path: { type: "PathPrefix", value: "/" } }],
        filters: [{ type: "redirect", scheme: "https", hostname: null, statusCode: 302 }],
        backends: [],
      },
    ]);
    expect(rulesOf("GRPCRoute")).toMatchObject([
      {
        matches: [{ path: { type: "PathPrefix", value: "/shop.Orders" } }],
        backends: [{ ...backend, protocol: "h2c" }],
      },
    ]);
  });
});
