import type { Client } from "pg";
import type { Page } from "@playwright/test";
import { AuditPage } from "#protocol/api/audit.ts";
import { expect, test } from "../fixtures/test.ts";
import { connectPostgres } from "../harness/postgres.ts";
import { TunnelPageObject } from "../pages/tunnel-page.ts";

/** A query that is on its way until `finish` is called: it sleeps until the other session tells it to stop. */
async function startLongQuery(port: number): Promise<{ finish(): Promise<void> }> {
  const sleeper = await connectPostgres(port);
  const waker = await connectPostgres(port);
  const pid = await backendPid(sleeper);
  await waker.query("select pg_advisory_lock($1)", [pid]);
  const answer = sleeper.query("select pg_sleep(0.1), pg_advisory_lock($1), 42 as answer", [pid]);
  return {
    finish: async () => {
      await waker.query("select pg_advisory_unlock($1)", [pid]);
      expect((await answer).rows).toMatchObject([{ answer: 42 }]);
      await sleeper.end();
      await waker.end();
    },
  };
}

async function backendPid(client: Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  return rows[0]?.pid ?? 0;
}

/** Each level: where its switch is, how it goes on, and what the tunnel's page then says. */
const LEVELS = [
  {
    level: "tunnel",
    path: (shop: { tunnelId: string }) => `/tunnels/${shop.tunnelId}`,
    // The keyboard stays where it is while the change is under way.
    turn: async (page: Page) => {
      const force = page.getByRole("switch", { name: "Force through tunnel" });
      const isOn = await force.isChecked();
      await force.press("Space");
      await expect(force).toBeChecked({ checked: !isOn });
      await expect(force).toBeFocused();
    },
    why: "Tunnel, because this tunnel is forced.",
    action: "tunnel.force_tunnel",
  },
  {
    level: "cluster",
    path: (shop: { clusterId: string }) => `/clusters/${shop.clusterId}`,
    turn: (page: Page) =>
      page.getByRole("switch", { name: "Force all through the tunnel" }).click(),
    why: "Tunnel, because the cluster is forced.",
    action: "cluster.force_tunnel",
  },
  {
    level: "fleet",
    path: () => "/settings",
    turn: async (page: Page) => {
      const fleet = page.getByRole("switch", { name: "Force the whole fleet through the tunnel" });
      const isOn = await fleet.isChecked();
      await fleet.click();
      if (!isOn) await page.getByRole("button", { name: /^Force \d+ tunnels?$/ }).click();
    },
    why: "Tunnel, because the whole fleet is forced.",
    action: "fleet.force_tunnel",
  },
] as const;

for (const { level, path, turn, why, action } of LEVELS) {
  test(`force-tunnel on the ${level}, on and off: the reason is shown, a running query lives on, both are audited`, async ({
    server,
    shop,
    dashboard: page,
    browser,
  }) => {
    const watcherPage = await (
      await browser.newContext({ storageState: await page.context().storageState() })
    ).newPage();
    const watcher = new TunnelPageObject(watcherPage);
    await watcher.open(server.url, shop.tunnel.id);
    await page.goto(
      `${server.url}${path({ clusterId: shop.clusterId, tunnelId: shop.tunnel.id })}`,
    );
    const { items: before } = await server.api(AuditPage, `/audit?action=${action}`);

    const query = await startLongQuery(shop.port);
    await turn(page);
    await expect(watcher.why(why)).toBeVisible();
    await turn(page);
    await expect(watcher.why(why)).toBeHidden();
    await query.finish();

    const { items: after } = await server.api(AuditPage, `/audit?action=${action}`);
    const added = after.slice(0, after.length - before.length);
    expect(added.map(({ after: state, actor }) => [actor.kind, state])).toEqual([
      ["user", { forceTunnel: false }],
      ["user", { forceTunnel: true }],
    ]);
    await watcherPage.context().close();
  });
}

test("choosing a mode is shown with who chose it, and following the rules again undoes it", async ({
  server,
  shop,
  dashboard,
}) => {
  const page = new TunnelPageObject(dashboard);
  await page.open(server.url, shop.tunnel.id);
  await page.mode("Dual").click();
  await expect(page.why("Dual, as chosen on this tunnel.")).toBeVisible();
  await expect(page.why(/so the tunnel carries the traffic/)).toBeVisible();
  const client = await connectPostgres(shop.port);
  expect((await client.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  await client.end();
  await dashboard.getByRole("button", { name: "Follow the rules instead" }).click();
  await expect(page.why("Dual, as chosen on this tunnel.")).toBeHidden();
  // Its events speak of it, and lead nowhere: one is there.
  const main = dashboard.getByRole("main");
  await expect(
    main.getByRole("listitem").filter({ hasText: "chose dual for db" }).first(),
  ).toBeVisible();
  await expect(main.locator(`a[href="/tunnels/${shop.tunnel.id}"]`)).toHaveCount(0);
});
