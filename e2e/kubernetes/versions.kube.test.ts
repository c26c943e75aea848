import { expect, it } from "vitest";
import type { Inventory } from "#protocol/control/inventory.ts";
import type { ApiServer } from "./harness/api-server.ts";
import { describeKubernetes } from "./harness/describe-kubernetes.ts";
import { findApiServer } from "./harness/find-api-server.ts";
import { installBundle, readBundle, type Bundle } from "./harness/gateway-api.ts";
import { applyShop, startLab } from "./harness/lab.ts";
import { endpointSlice, gateway, route, service } from "./harness/objects.ts";
import { findListener, isPublished } from "./harness/seen.ts";

const source = await findApiServer();
/** The agent asks which versions are served every ten seconds; a removal is believed the second time. */
const FOLLOWS_CRDS_MS = 45_000;

interface Row {
  readonly bundle: Bundle;
  /** The version in use of each kind; null where it is missing. */
  readonly versions: Readonly<Record<string, string | null>>;
}

const always = { Gateway: "v1", HTTPRoute: "v1", GRPCRoute: "v1" };
const MATRIX: readonly Row[] = [
  {
    bundle: { version: "1.6.3", channel: "standard" },
    versions: { ...always, TLSRoute: "v1", TCPRoute: "v1", UDPRoute: "v1", ReferenceGrant: "v1" },
  },
  {
    bundle: { version: "1.6.3", channel: "experimental" },
    versions: { ...always, TLSRoute: "v1", TCPRoute: "v1", UDPRoute: "v1", ReferenceGrant: "v1" },
  },
  {
    bundle: { version: "1.5.1", channel: "standard" },
    versions: { ...always, TLSRoute: "v1", TCPRoute: null, UDPRoute: null, ReferenceGrant: "v1" },
  },
  {
    bundle: { version: "1.5.1", channel: "experimental" },
    versions: {
      ...always,
      TLSRoute: "v1",
      TCPRoute: "v1alpha2",
      UDPRoute: "v1alpha2",
      ReferenceGrant: "v1",
    },
  },
  {
    bundle: { version: "1.4.1", channel: "standard" },
    versions: {
      ...always,
      TLSRoute: null,
      TCPRoute: null,
      UDPRoute: null,
      ReferenceGrant: "v1beta1",
    },
  },
  {
    bundle: { version: "1.4.1", channel: "experimental" },
    versions: {
      ...always,
      TLSRoute: "v1alpha3",
      TCPRoute: "v1alpha2",
      UDPRoute: "v1alpha2",
      ReferenceGrant: "v1beta1",
    },
  },
];

const versionsIn = ({ gatewayApi }: Inventory): Record<string, string | null> =>
  Object.fromEntries((gatewayApi?.kinds ?? []).map(({ kind, version }) => [kind, version]));

const LISTENERS = [
  { name: "tcp", port: 5432, protocol: "TCP", kind: "TCPRoute" },
  { name: "udp", port: 5353, protocol: "UDP", kind: "UDPRoute" },
  { name: "http", port: 80, protocol: "HTTP", kind: "HTTPRoute" },
  { name: "grpc", port: 81, protocol: "HTTP", kind: "GRPCRoute" },
  {
    name: "tls",
    port: 443,
    protocol: "TLS",
    kind: "TLSRoute",
    hostname: "db.example.com",
    tls: { mode: "Passthrough" },
  },
];

/** A Gateway with a listener of each protocol, and a route of each kind that is served. */
async function applyOneOfEach({ client }: ApiServer, versions: Row["versions"]): Promise<string> {
  const namespace = await client.createNamespace("matrix");
  await client.apply(
    service(namespace, "app", 7000),
    endpointSlice({ namespace, service: "app" }, 7000, [{ address: "198.51.100.7" }]),
    service(namespace, "dns", 7000, "UDP"),
    endpointSlice({ namespace, service: "dns", protocol: "UDP" }, 7000, [
      { address: "198.51.100.7" },
    ]),
    gateway(namespace, "all", {
      listeners: LISTENERS.map(({ kind: _kind, ...listener }) => listener),
    }),
  );
  for (const { kind, name, hostname } of LISTENERS) {
    const version = versions[kind];
    if (version === null || version === undefined) continue;
    const spec = {
      parents: [{ name: "all", sectionName: name }],
      backends: [{ name: kind === "UDPRoute" ? "dns" : "app", port: 7000 }],
      ...(hostname === undefined ? {} : { hostnames: [hostname] }),
    };
    await client.apply(route(kind, { namespace, name, version }, spec));
  }
  return namespace;
}

describeKubernetes(
  "discovery with each release of Gateway API",
  source,
  (start) => {
    it.each(MATRIX)(
      "uses the best version of each kind of $bundle.version $bundle.channel, and says what is missing",
      async ({ bundle, versions }) => {
        const api = await start({ bundle });
        const namespace = await applyOneOfEach(api, versions);
        const { seen } = await startLab(api.kubeconfig);
        const inventory = await seen.until("the Gateway", ({ gateways }) => gateways.length === 1);

        expect(inventory.source).toBe("kubernetes");
        expect(inventory.kubernetesVersion).toMatch(/^v1\.\d+/);
        expect(inventory.gatewayApi).toMatchObject({
          bundleVersion: `v${bundle.version}`,
          channel: bundle.channel,
        });
        expect(versionsIn(inventory)).toEqual(versions);
        for (const { kind, advice, version } of inventory.gatewayApi?.kinds ?? []) {
          expect([kind, advice === null]).toEqual([kind, version !== null]);
        }
        for (const { kind, port } of LISTENERS) {
          const listener = findListener(inventory, { namespace, gateway: "all", port });
          expect([kind, listener?.problem === null]).toEqual([kind, versions[kind] !== null]);
        }
      },
    );

    it("follows CRDs that are installed, upgraded, removed and brought back while it runs", async () => {
      const api = await start();
      const { seen } = await startLab(api.kubeconfig);
      const none = await seen.until("a first inventory", () => true);
      expect(new Set(Object.values(versionsIn(none)))).toEqual(new Set([null]));
      expect(none.gatewayApi?.kinds.every(({ advice }) => advice !== null)).toBe(true);

      await installBundle(api.client, { version: "1.5.1", channel: "experimental" });
      const place = await applyShop(api, { version: "v1alpha2" });
      await seen.until("the tunnel", (last) => isPublished(last, place), FOLLOWS_CRDS_MS);
      const untilUpgrade = seen.all.length - 1;
      expect(versionsIn(seen.all[untilUpgrade] ?? none)["TCPRoute"]).toBe("v1alpha2");

      await installBundle(api.client, { version: "1.6.3", channel: "standard" });
      await seen.until(
        "v1 of TCPRoute",
        (last) => versionsIn(last)["TCPRoute"] === "v1",
        FOLLOWS_CRDS_MS,
      );
      // The same objects in another version: the tunnel was there at every moment.
      const during = seen.all.slice(untilUpgrade);
      expect(during.every((inventory) => isPublished(inventory, place))).toBe(true);

      const bundle = await readBundle({ version: "1.6.3", channel: "standard" });
      const crd = bundle.find(({ metadata }) => metadata.name.startsWith("tcproutes."));
      if (crd === undefined) throw new Error("the bundle has no TCPRoute");
      await api.client.delete(crd);
      const gone = await seen.until(
        "no TCPRoute",
        (last) => versionsIn(last)["TCPRoute"] === null && !isPublished(last, place),
        FOLLOWS_CRDS_MS,
      );
      const kind = gone.gatewayApi?.kinds.find((item) => item.kind === "TCPRoute");
      expect(kind?.advice).toMatch(/TCPRoute/);
      expect(kind?.served).toEqual([]);

      await installBundle(api.client, { version: "1.6.3", channel: "standard" });
      const { namespace } = place;
      const spec = { parents: ["shop"], backends: [{ name: "db", port: 5432 }] };
      await api.client.apply(route("TCPRoute", { namespace, name: "db" }, spec));
      await seen.until("the tunnel again", (last) => isPublished(last, place), FOLLOWS_CRDS_MS);
    });
  },
  "own",
);
