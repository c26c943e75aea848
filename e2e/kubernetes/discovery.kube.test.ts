import { expect, it } from "vitest";
import type { Inventory } from "#protocol/control/inventory.ts";
import { describeKubernetes } from "./harness/describe-kubernetes.ts";
import { findApiServer } from "./harness/find-api-server.ts";
import { installBundle, NEWEST } from "./harness/gateway-api.ts";
import { service } from "./harness/objects.ts";
import { applyShop, startLab } from "./harness/lab.ts";
import { findListener, isPublished } from "./harness/seen.ts";

const kindIn = ({ gatewayApi }: Inventory, kind: string) =>
  gatewayApi?.kinds.find((item) => item.kind === kind);

const crd = (plural: string) => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: `${plural}.gateway.networking.k8s.io` },
});

describeKubernetes(
  "discovery of a cluster",
  await findApiServer(),
  (start) => {
    it("goes over to a better version without a moment in which a tunnel is gone", async () => {
      const api = await start({ bundle: { version: "1.5.1", channel: "experimental" } });
      const place = await applyShop(api, { version: "v1alpha2" });
      const { seen } = await startLab(api.kubeconfig);
      const before = await seen.until("the listener", (it) => isPublished(it, place));
      expect(kindIn(before, "TCPRoute")).toMatchObject({ version: "v1alpha2", advice: null });
      expect(before.gatewayApi).toMatchObject({ bundleVersion: "v1.5.1", channel: "experimental" });

      await installBundle(api.client, NEWEST);
      const after = await seen.until(
        "the new version",
        (it) =>
          kindIn(it, "TCPRoute")?.version === "v1" && it.gatewayApi?.bundleVersion === "v1.6.3",
      );
      expect(isPublished(after, place)).toBe(true);
      expect(seen.all.every((it) => isPublished(it, place))).toBe(true);

      await api.client.delete(crd("tcproutes"));
      const without = await seen.until(
        "no TCPRoute",
        (it) => kindIn(it, "TCPRoute")?.version === null && !isPublished(it, place),
      );
      expect(kindIn(without, "TCPRoute")?.advice).toContain("1.6");
      expect(findListener(without, place)?.problem).not.toBeNull();
    });

    it("reports addresses, live, and nothing of namespaces that it is not to look at", async () => {
      const api = await start({ bundle: NEWEST });
      const { client } = api;
      const place = await applyShop(api);
      const other = await applyShop(api);
      const { seen } = await startLab(api.kubeconfig, { CULVERT_NAMESPACES: place.namespace });
      const first = await seen.until("the listener", (it) => isPublished(it, place));
      expect(first).toMatchObject({ source: "kubernetes", loadBalancers: [], problems: [] });
      expect(first.gateways.map(({ namespace }) => namespace)).not.toContain(other.namespace);

      const { namespace } = place;
      const balancer = service(namespace, "edge", 80);
      await client.apply({
        ...balancer,
        spec: { ...(balancer["spec"] as object), type: "LoadBalancer" },
      });
      const ingress = [{ hostname: "lb.example.com" }, { ip: "203.0.113.5" }];
      await client.patch(balancer, { status: { loadBalancer: { ingress } } }, "/status");
      await seen.until("both addresses", ({ loadBalancers }) => loadBalancers.length === 2);

      const shop = {
        apiVersion: "gateway.networking.k8s.io/v1",
        kind: "Gateway",
        metadata: { namespace, name: "shop" },
      };
      const say = (status: string): Promise<void> =>
        client.patch(
          shop,
          {
            status: {
              addresses: [{ type: "IPAddress", value: "203.0.113.9" }],
              conditions: [
                {
                  type: "Programmed",
                  status,
                  reason: "Test",
                  message: "",
                  lastTransitionTime: "2026-01-01T00:00:00Z",
                },
              ],
            },
          },
          "/status",
        );
      const addresses = (it: Inventory) => it.gateways.flatMap((item) => item.addresses);
      await say("True");
      await seen.until("the address", (it) => addresses(it).join() === "203.0.113.9");
      await say("False");
      await seen.until("no address", (it) => addresses(it).length === 0);
      expect(seen.all.every((it) => isPublished(it, place))).toBe(true);
    });
  },
  "own",
);
