import { afterEach, describe, expect, it } from "vitest";
import { listAgents } from "#server/services/agents/list-agents.ts";
import { connectAgent, setupCluster } from "#server/services/testing/connect-agent.ts";
import {
  setupServices,
  tcpListener,
  VIEWER,
  type Services,
} from "#server/services/testing/setup-services.ts";
import { listTunnels } from "#server/services/tunnels/list-tunnels.ts";
import { listGateways } from "./list-gateways.ts";

const open: Services[] = [];
async function setup() {
  const services = await setupServices();
  open.push(services);
  return services;
}
afterEach(async () => {
  for (const services of open.splice(0)) await services.close();
});

describe("listGateways", () => {
  it("says why an agent reports nothing, once for all its links", async () => {
    const services = await setup();
    const { clusterId } = await setupCluster(services, [tcpListener(1)]);
    const pending = [{ where: "gateways", reason: "They may not be read." }];
    const { agentId } = await connectAgent(services, clusterId, "agent-2", { pending });
    await connectAgent(services, clusterId, "agent-2", { pending, linkId: "link-other" });
    const { items, problems } = await listGateways(services.context, VIEWER, { clusterId });
    expect(problems).toMatchObject([{ agentId, where: "gateways", code: null }]);
    expect(items).toHaveLength(1);
    const agents = (await listAgents(services.context, VIEWER, { clusterId })).items;
    expect(agents.map((agent) => agent.pending).sort()).toEqual(["They may not be read.", null]);
  });

  it("shows every listener with its tunnel or its problem", async () => {
    const services = await setup();
    const { clusterId } = await setupCluster(services, [
      tcpListener(1),
      tcpListener(2, { problem: "No route." }),
    ]);
    const { items: tunnels } = await listTunnels(services.context, VIEWER, { limit: 10 });
    const { items } = await listGateways(services.context, VIEWER, { clusterId });
    expect(items).toMatchObject([
      {
        namespace: "apps",
        name: "public",
        listeners: [
          { port: 1, tunnelId: tunnels[0]?.id, problem: null },
          { port: 2, tunnelId: tunnels[1]?.id, problem: "No route." },
        ],
      },
    ]);
  });
});
