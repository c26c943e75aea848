import { isOpen, relayPort, startShop, waitForTunnel } from "../fixtures/shop.ts";
import { expect, signIn, test } from "../fixtures/test.ts";
import { CulvertServer, startAgent } from "../harness/culvert.ts";
import { connectPostgres } from "../harness/postgres.ts";
import { eventually } from "../harness/process.ts";

async function answers(port: number): Promise<true | undefined> {
  try {
    const client = await connectPostgres(port);
    await client.query("select 1");
    await client.end();
    return true;
  } catch {
    return undefined; // Not yet: asked again until the deadline.
  }
}

test("an agent killed and back: the page tells the truth throughout", async ({
  server,
  postgres,
  dashboard: page,
}) => {
  const expose = `db=tcp://127.0.0.1:${postgres.port}`;
  const shop = await startShop(server, "flaky", expose);
  await page.goto(`${server.url}/clusters/${shop.clusterId}`);
  const status = page.getByRole("main");
  await expect(status.getByText("Connected", { exact: true }).first()).toBeVisible();

  const client = await connectPostgres(shop.port);
  const cut = client.query("select pg_sleep(600)").then(
    () => "answered",
    () => "cut",
  );
  await shop.agent.kill("SIGKILL");
  expect(await cut).toBe("cut");
  await expect(status.getByText("Offline", { exact: true }).first()).toBeVisible();

  const back = startAgent({ server, token: shop.token, name: "flaky-agent", expose: [expose] });
  await expect(status.getByText("Connected", { exact: true }).first()).toBeVisible();
  await eventually("the tunnel carries again", () => answers(shop.port));
  await back.stop();
});

test("the server restarted: the same ports, the agent returns, the page recovers by itself", async ({
  postgres,
  page,
}) => {
  test.setTimeout(120_000);
  const server = await CulvertServer.start();
  try {
    await server.admin(["create-user", "--email", "ops@example.com"], "correct horse battery");
    const shop = await startShop(server, "steady", `db=tcp://127.0.0.1:${postgres.port}`);
    await signIn(server, page);
    await page.goto(`${server.url}/tunnels/${shop.tunnel.id}`);
    const live = page.getByRole("status").filter({ hasText: /^Live$/ });
    await expect(live).toBeVisible();

    await server.stop();
    await expect(page.getByRole("status").filter({ hasText: /Stale|Reconnecting/ })).toBeVisible();
    await server.launch();
    await expect(live).toBeVisible({ timeout: 30_000 });
    await eventually("the tunnel carries again", () => answers(shop.port));
    const tunnel = await waitForTunnel(server, shop.clusterId, isOpen);
    expect(tunnel.id).toBe(shop.tunnel.id);
    expect(relayPort(tunnel)).toBe(shop.port);
    await shop.agent.stop();
  } finally {
    await server.destroy();
  }
});

test("an agent that was started before the server waits, and connects", async ({ postgres }) => {
  const server = await CulvertServer.start();
  try {
    const { clusterId, token } = await server.createCluster("early");
    await server.stop();
    const agent = startAgent({
      server,
      token,
      name: "early-agent",
      expose: [`db=tcp://127.0.0.1:${postgres.port}`],
    });
    await agent.waitForOutput(/Nothing listens at/);
    await server.launch();
    await waitForTunnel(server, clusterId, isOpen);
    await agent.stop();
  } finally {
    await server.destroy();
  }
});
