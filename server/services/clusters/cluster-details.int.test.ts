import { afterEach, describe, expect, it } from "vitest";
import type { ClusterResources } from "#protocol/control/cluster-resources.ts";
import type { Inventory } from "#protocol/control/inventory.ts";
import { storeInventory } from "#server/services/inventory/store-inventory.ts";
import { connectAgent, setupCluster } from "#server/services/testing/connect-agent.ts";
import {
  OPERATOR,
  VIEWER,
  inventoryOf,
  setupServices,
  type Services,
} from "#server/services/testing/setup-services.ts";
import { createCluster } from "./create-cluster.ts";
import { getClusterDetails } from "./get-cluster-details.ts";
import { recordResources } from "./record-resources.ts";

const open: Services[] = [];
async function setup() {
  const services = await setupServices();
  open.push(services);
  const { clusterId, link } = await setupCluster(services, []);
  const details = () => getClusterDetails(services.context, VIEWER, { id: clusterId });
  return { services, context: services.context, clusterId, link, details };
}
afterEach(async () => {
  for (const services of open.splice(0)) await services.close();
});

function resourcesAt(at: string, namespaces: number): ClusterResources {
  return {
    at,
    kubernetesVersion: "v1.36.3",
    nodes: {
      total: 3,
      ready: 2,
      unschedulable: 1,
      kubeletVersions: [{ version: "v1.36.3", nodes: 3 }],
    },
    capacity: { cpuMillicores: 12_000, memoryBytes: 2 ** 35, pods: 330 },
    pods: null,
    services: { total: 9, loadBalancers: 1 },
    namespaces,
    problems: ["Pods may not be listed."],
  };
}

describe("what a cluster consists of", () => {
  it("is unknown until an agent says so", async () => {
    const { details, clusterId } = await setup();
    const nothing = { clusterId, resources: null, gatewayApi: null, loadBalancers: [] };
    expect(await details()).toEqual(nothing);
  });

  it("is the newest summary, and viewers are told", async () => {
    const { context, clusterId, details, services } = await setup();
    const older = resourcesAt("2026-01-02T03:03:00Z", 1);
    const newer = resourcesAt("2026-01-02T03:03:30Z", 2);
    services.published.length = 0;
    expect(await recordResources(context, { clusterId, resources: newer })).toBe(true);
    expect(services.published).toEqual([{ kind: "cluster", id: clusterId }]);
    // A slower agent, and the same over another link.
    for (const resources of [older, newer]) {
      expect(await recordResources(context, { clusterId, resources })).toBe(false);
    }
    expect((await details()).resources).toEqual(newer);
  });

  it("does not stick to an agent whose clock is ahead", async () => {
    const { context, clusterId, details } = await setup();
    const ahead = resourcesAt("2026-01-02T09:00:00Z", 1);
    await recordResources(context, { clusterId, resources: ahead });
    const honest = resourcesAt("2026-01-02T03:03:30Z", 2);
    expect(await recordResources(context, { clusterId, resources: honest })).toBe(true);
    expect((await details()).resources).toEqual(honest);
  });

  it("is forgotten with the cluster", async () => {
    const { context } = await setup();
    const resources = resourcesAt("2026-01-02T03:03:00Z", 1);
    expect(await recordResources(context, { clusterId: "cl_nobody", resources })).toBe(false);
    await expect(getClusterDetails(context, VIEWER, { id: "cl_nobody" })).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it("says which Gateway API the newest reader found, and every LoadBalancer's address", async () => {
    const { services, context, clusterId, link, details } = await setup();
    const other = await connectAgent(services, clusterId, "agent-2");
    const store = (to: typeof link, facts: Partial<Inventory>) =>
      storeInventory(context, { ...to, inventory: { ...inventoryOf(5, []), ...facts } });
    const gatewayApi = {
      bundleVersion: "v1.5.1",
      channel: "standard",
      kinds: [{ kind: "TCPRoute", version: null, served: [], advice: "Install it." }],
    };
    await store(link, { gatewayApi, loadBalancers: ["198.51.100.7", "lb.example.com"] });
    services.advance(1_000);
    await store(other, { loadBalancers: ["198.51.100.7", "198.51.100.2"] });
    expect(await details()).toMatchObject({
      gatewayApi,
      loadBalancers: ["198.51.100.2", "198.51.100.7", "lb.example.com"],
    });
  });

  it("is kept apart from other clusters'", async () => {
    const { context, clusterId } = await setup();
    const { cluster } = await createCluster(context, OPERATOR, { name: "other" });
    const resources = resourcesAt("2026-01-02T03:03:00Z", 1);
    await recordResources(context, { clusterId, resources });
    const details = await getClusterDetails(context, VIEWER, { id: cluster.id });
    expect(details.resources).toBeNull();
  });
});
