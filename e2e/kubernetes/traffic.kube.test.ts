import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { isOpen, relayPort, waitForTunnel } from "../fixtures/shop.ts";
import { CulvertServer } from "../harness/culvert.ts";
import { EchoClient, startEcho, type EchoService } from "../harness/echo-service.ts";
import { takeAddress } from "./harness/addresses.ts";
import { startKubernetesAgent } from "./harness/agent.ts";
import type { ApiServer } from "./harness/api-server.ts";
import { describeKubernetes } from "./harness/describe-kubernetes.ts";
import { findApiServer } from "./harness/find-api-server.ts";
import { NEWEST } from "./harness/gateway-api.ts";
import { endpointSlice, gateway, route, service } from "./harness/objects.ts";

const source = await findApiServer();
/** From the answer to `apply` to a new connection that goes elsewhere: the event, the rebuild, and a connection. */
const FOLLOWS_MS = 1_000;

/** Which backend answers a new connection. */
async function whoAnswers(port: number): Promise<string> {
  const client = await EchoClient.connect(`127.0.0.1:${port}`);
  try {
    return await client.ask("who?");
  } finally {
    client.close();
  }
}

describeKubernetes(
  "traffic from the relay's port to endpoints in the cluster",
  source,
  (_start, share) => {
    const shared = share({ bundle: NEWEST });
    const own = takeAddress();
    let server: CulvertServer;
    beforeAll(async () => {
      server = await CulvertServer.start();
    });
    afterAll(async () => {
      await server.destroy();
      own?.release();
    });

    const start = async (name: string): Promise<EchoService> => {
      const echo = await startEcho(name, own?.address ?? "");
      onTestFinished(() => echo.stop());
      return echo;
    };

    /** Publishes Services of these names and weights on one listener, and returns the relay's port for it. */
    async function publish(
      api: ApiServer,
      backends: readonly {
        readonly echo: EchoService;
        readonly name: string;
        readonly weight: number;
      }[],
    ): Promise<{ namespace: string; port: number }> {
      const namespace = await api.client.createNamespace("traffic");
      const address = own?.address ?? "";
      for (const { name, echo } of backends) {
        await api.client.apply(
          service(namespace, name, 7000),
          endpointSlice({ namespace, service: name }, echo.port, [{ address }]),
        );
      }
      await api.client.apply(
        gateway(namespace, "echo", { listeners: [{ name: "echo", port: 7 }] }),
        route(
          "TCPRoute",
          { namespace, name: "echo" },
          {
            parents: ["echo"],
            backends: backends.map(({ name, weight }) => ({ name, weight, port: 7000 })),
          },
        ),
      );
      const { clusterId, token } = await server.createCluster(namespace);
      const { url } = server;
      const agent = await startKubernetesAgent({ url, token, kubeconfig: api.kubeconfig });
      onTestFinished(() => agent.stop());
      const tunnel = await waitForTunnel(
        server,
        clusterId,
        (item) => item.gateway.namespace === namespace && isOpen(item),
      );
      return { namespace, port: relayPort(tunnel) };
    }

    it.skipIf(own === null)(
      "is shared out by weight, and a weight of nothing gets nothing",
      async () => {
        const backends = [
          { name: "heavy", weight: 3, echo: await start("heavy") },
          { name: "light", weight: 1, echo: await start("light") },
          { name: "none", weight: 0, echo: await start("none") },
        ];
        const { port } = await publish(shared(), backends);
        const counts = new Map<string, number>();
        for (let n = 0; n < 200; n += 1) {
          const name = await whoAnswers(port);
          counts.set(name, (counts.get(name) ?? 0) + 1);
        }
        // 150 are expected of 200; five standard deviations either way.
        expect(counts.get("heavy")).toBeGreaterThan(118);
        expect(counts.get("heavy")).toBeLessThan(182);
        expect([...counts.keys()].sort()).toEqual(["heavy", "light"]);
      },
    );

    it.skipIf(own === null)(
      "follows a rolling restart within a second, and leaves what is connected alone",
      async () => {
        const address = own?.address ?? "";
        const old = await start("old");
        const fresh = await start("fresh");
        const { namespace, port } = await publish(shared(), [{ name: "db", weight: 1, echo: old }]);
        const client = await EchoClient.connect(`127.0.0.1:${port}`);
        expect(await client.ask("who?")).toBe("old");

        const slices = { namespace, service: "db" };
        // As a Deployment does it: the new one is ready, the old one is no longer, then it is gone.
        await shared().client.apply(
          endpointSlice({ ...slices, name: "db-2" }, fresh.port, [{ address }]),
          endpointSlice(slices, old.port, [{ address, isReady: false }]),
        );
        const changedAt = performance.now();
        let answer = await whoAnswers(port);
        while (answer !== "fresh" && performance.now() - changedAt < 10 * FOLLOWS_MS) {
          answer = await whoAnswers(port);
        }
        expect(answer).toBe("fresh");
        expect(performance.now() - changedAt).toBeLessThan(FOLLOWS_MS);
        await shared().client.delete(endpointSlice(slices, old.port, []));

        for (let n = 0; n < 20; n += 1) expect(await whoAnswers(port)).toBe("fresh");
        expect(await client.ask("still there?")).toBe("old");
        client.close();
      },
    );
  },
);
