import { isOpen, relayPort, waitForTunnel } from "../fixtures/shop.ts";
import { expect, test } from "../fixtures/test.ts";
import { EchoClient, startEcho } from "../harness/echo-service.ts";
import { takeAddress } from "../kubernetes/harness/addresses.ts";
import { startKubernetesAgent } from "../kubernetes/harness/agent.ts";
import { ApiServer } from "../kubernetes/harness/api-server.ts";
import { findApiServer } from "../kubernetes/harness/find-api-server.ts";
import { NEWEST } from "../kubernetes/harness/gateway-api.ts";
import { endpointSlice, gateway, route, service } from "../kubernetes/harness/objects.ts";
import { TunnelPageObject } from "../pages/tunnel-page.ts";

test("a Gateway and a TCPRoute applied to a cluster become a tunnel, until the route is deleted", async ({
  server,
  dashboard: page,
}) => {
  test.setTimeout(180_000);
  const source = await findApiServer();
  test.skip(source.kind === "none", source.kind === "none" ? source.why : "");
  const own = takeAddress();
  test.skip(own === null, "this machine has no address but loopback's");
  const { address = "" } = own ?? {};

  const api = await ApiServer.start(source, { bundle: NEWEST });
  const echo = await startEcho("cluster", address);
  const { clusterId, token } = await server.createCluster("kubernetes");
  const { url } = server;
  const agent = await startKubernetesAgent({ url, token, kubeconfig: api.kubeconfig });
  try {
    await page.goto(`${url}/clusters/${clusterId}`);
    const main = page.getByRole("main");
    await expect(main.getByText("Connected", { exact: true }).first()).toBeVisible();
    await page.goto(`${url}/tunnels`);

    const namespace = await api.client.createNamespace("shop");
    const tcpRoute = route(
      "TCPRoute",
      { namespace, name: "orders" },
      { parents: ["edge"], backends: [{ name: "orders", port: 7000 }] },
    );
    await api.client.apply(
      service(namespace, "orders", 7000),
      endpointSlice({ namespace, service: "orders" }, echo.port, [{ address }]),
      gateway(namespace, "edge", { listeners: [{ name: "orders", port: 7 }] }),
      tcpRoute,
    );
    // Nobody reloads: the row comes by itself.
    const row = main.getByRole("row").filter({ hasText: `${namespace}/edge` });
    await expect(row.getByText("Active", { exact: true })).toBeVisible();

    const tunnel = await waitForTunnel(server, clusterId, isOpen);
    const client = await EchoClient.connect(`127.0.0.1:${relayPort(tunnel)}`);
    expect(await client.ask("hello")).toBe("cluster");
    client.close();

    const tunnelPage = new TunnelPageObject(page);
    await tunnelPage.open(url, tunnel.id);
    await expect(tunnelPage.status("Active")).toBeVisible();
    await api.client.delete(tcpRoute);
    await expect(tunnelPage.status("Pending")).toBeVisible();
    const pending = await waitForTunnel(server, clusterId, ({ phase }) => phase === "pending");
    expect(pending.phaseReason).not.toBeNull();
    await expect(main.getByText(pending.phaseReason ?? "").first()).toBeVisible();
  } finally {
    await agent.stop();
    await echo.stop();
    await api.stop();
    own?.release();
  }
});
