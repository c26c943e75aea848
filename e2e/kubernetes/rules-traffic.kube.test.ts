import { afterAll, beforeAll, expect, it } from "vitest";
import { TunnelPage, type TunnelDto } from "#protocol/api/tunnels.ts";
import { isOpen, relayPort } from "../fixtures/shop.ts";
import { CulvertServer } from "../harness/culvert.ts";
import { eventually, type RunningProgram } from "../harness/process.ts";
import { takeAddress, type MachineAddress } from "./harness/addresses.ts";
import { startKubernetesAgent } from "./harness/agent.ts";
import type { KubernetesObject } from "./harness/cluster-client.ts";
import { describeKubernetes } from "./harness/describe-kubernetes.ts";
import { findApiServer } from "./harness/find-api-server.ts";
import { NEWEST } from "./harness/gateway-api.ts";
import {
  askName,
  countNames,
  isOpenPort,
  startNamedService,
  type NamedService,
} from "./harness/named-service.ts";
import { endpointSlice, gateway, route, service } from "./harness/objects.ts";

/*
 * What the conformance tests of TCPRoute assert of traffic: client → relay → agent → the backend that the rules name.
 */

const GROUP = "gateway.networking.k8s.io";
const NAMES = ["v1", "v2", "v3"] as const;
/** Of 200 connections, the share of a weight strays by less than this but once in ten thousand runs. */
const CONNECTIONS = 200;
const STRAY = 27;

describeKubernetes(
  "traffic by the rules of the Gateway API",
  await findApiServer(),
  (_start, share) => {
    const api = share({ bundle: NEWEST });
    const services = new Map<string, NamedService>();
    let address: MachineAddress | null = null;
    let server: CulvertServer;
    let agent: RunningProgram | undefined;
    let clusterId = "";

    beforeAll(async () => {
      address = takeAddress();
      if (address === null) throw new Error("no address that an EndpointSlice accepts");
      for (const name of NAMES) services.set(name, await startNamedService(name, address.address));
      server = await CulvertServer.start();
      const cluster = await server.createCluster("rules");
      ({ clusterId } = cluster);
      const { kubeconfig } = api();
      agent = await startKubernetesAgent({ url: server.url, token: cluster.token, kubeconfig });
    });

    afterAll(async () => {
      await agent?.stop();
      await server.destroy();
      await Promise.all([...services.values()].map((item) => item.close()));
      address?.release();
    });

    /** The Service and the EndpointSlice of one of the real services, as a cluster would hold them. */
    const objectsOf = (namespace: string, name: string): KubernetesObject[] => [
      service(namespace, name, 3000),
      endpointSlice({ namespace, service: name }, services.get(name)?.port ?? 0, [
        { address: address?.address ?? "" },
      ]),
    ];
    const to = (
      name: string,
      weight?: number,
    ): { name: string; port: number; weight?: number } => ({
      name,
      port: 3000,
      ...(weight === undefined ? {} : { weight }),
    });

    async function untilTunnel(
      namespace: string,
      listener: string,
      isWanted: (tunnel: TunnelDto) => boolean,
    ): Promise<TunnelDto> {
      return await eventually(`the tunnel of ${listener}`, async () => {
        const { items } = await server.api(TunnelPage, `/tunnels?clusterId=${clusterId}&limit=500`);
        return items.find(
          (item) =>
            item.gateway.namespace === namespace &&
            item.listener.name === listener &&
            isWanted(item),
        );
      });
    }

    const portOf = async (namespace: string, listener: string): Promise<number> =>
      relayPort(await untilTunnel(namespace, listener, isOpen));

    it("each listener leads to its own backend, by section, by port, or to all", async () => {
      const { client } = api();
      const namespace = await client.createNamespace("attach");
      const make = (name: string, backend: string, parents: object[]): KubernetesObject =>
        route(
          "TCPRoute",
          { namespace, name },
          { parents: [...parents] as never, backends: [to(backend)] },
        );
      await client.apply(
        ...NAMES.flatMap((name) => objectsOf(namespace, name)),
        gateway(namespace, "multi", {
          listeners: [
            { name: "one", port: 9300 },
            { name: "two", port: 9301 },
          ],
        }),
        gateway(namespace, "all", {
          listeners: [
            { name: "three", port: 9302 },
            { name: "four", port: 9303 },
          ],
        }),
        make("by-port", "v1", [{ name: "multi", port: 9300 }]),
        make("by-section", "v2", [{ name: "multi", sectionName: "two" }]),
        make("to-all", "v3", [{ name: "all" }]),
      );
      const expected = { one: "v1", two: "v2", three: "v3", four: "v3" };
      for (const [listener, name] of Object.entries(expected)) {
        expect(await countNames(await portOf(namespace, listener), 5)).toEqual({ [name]: 5 });
      }
    });

    it("connections go to backends by weight, and none to weight 0", async () => {
      const { client } = api();
      const namespace = await client.createNamespace("weights");
      await client.apply(
        ...NAMES.flatMap((name) => objectsOf(namespace, name)),
        gateway(namespace, "shop", { listeners: [{ name: "db", port: 1 }] }),
        route(
          "TCPRoute",
          { namespace, name: "db" },
          { parents: ["shop"], backends: [to("v1", 70), to("v2", 30), to("v3", 0)] },
        ),
      );
      const counts = await countNames(await portOf(namespace, "db"), CONNECTIONS);
      expect(Object.keys(counts).sort()).toEqual(["v1", "v2"]);
      expect(Math.abs((counts["v1"] ?? 0) - CONNECTIONS * 0.7)).toBeLessThan(STRAY);
    });

    it("a backend that does not exist keeps its weight, and that share is refused", async () => {
      const { client } = api();
      const namespace = await client.createNamespace("share");
      await client.apply(
        ...objectsOf(namespace, "v1"),
        gateway(namespace, "shop", { listeners: [{ name: "db", port: 1 }] }),
        route(
          "TCPRoute",
          { namespace, name: "db" },
          { parents: ["shop"], backends: [to("v1"), to("gone")] },
        ),
      );
      const counts = await countNames(await portOf(namespace, "db"), CONNECTIONS);
      expect(Object.keys(counts).sort()).toEqual(["refused", "v1"]);
      expect(Math.abs((counts["v1"] ?? 0) - CONNECTIONS / 2)).toBeLessThan(STRAY + 3);
    });

    it("of two routes only the older one carries traffic, until it is gone", async () => {
      const { client } = api();
      const namespace = await client.createNamespace("older");
      // In the same second the name decides, in a later one the age: "a" comes first either way.
      const make = (name: string, backend: string): KubernetesObject =>
        route("TCPRoute", { namespace, name }, { parents: ["shop"], backends: [to(backend)] });
      await client.apply(
        ...NAMES.flatMap((name) => objectsOf(namespace, name)),
        gateway(namespace, "shop", { listeners: [{ name: "db", port: 1 }] }),
        make("a", "v1"),
        make("b", "v2"),
      );
      const port = await portOf(namespace, "db");
      expect(await countNames(port, 20)).toEqual({ v1: 20 });
      await client.delete(make("a", "v1"));
      await eventually("the next route carries", async () =>
        (await askName(port)) === "v2" ? true : undefined,
      );
      expect(await countNames(port, 20)).toEqual({ v2: 20 });
    });

    it("a ReferenceGrant opens the way to another namespace, and its end closes it", async () => {
      const { client } = api();
      const namespace = await client.createNamespace("shop");
      const data = await client.createNamespace("data");
      const grant: KubernetesObject = {
        apiVersion: `${GROUP}/v1beta1`,
        kind: "ReferenceGrant",
        metadata: { namespace: data, name: "shop" },
        spec: {
          from: [{ group: GROUP, kind: "TCPRoute", namespace }],
          to: [{ group: "", kind: "Service", name: "v1" }],
        },
      };
      await client.apply(
        ...objectsOf(data, "v1"),
        grant,
        gateway(namespace, "shop", { listeners: [{ name: "db", port: 1 }] }),
        route(
          "TCPRoute",
          { namespace, name: "db" },
          { parents: ["shop"], backends: [{ ...to("v1"), namespace: data }] },
        ),
      );
      const port = await portOf(namespace, "db");
      expect(await askName(port)).toBe("v1");
      await client.delete(grant);
      const { phaseReason } = await untilTunnel(
        namespace,
        "db",
        ({ phase }) => phase === "pending",
      );
      expect(phaseReason).not.toBeNull();
      await eventually("the port is closed", async () =>
        (await isOpenPort(port)) ? undefined : true,
      );
      await client.apply(grant);
      expect(await askName(await portOf(namespace, "db"))).toBe("v1");
    });
  },
);
