import { ConnectionPage } from "#protocol/api/connections.ts";
import { expect, test } from "../fixtures/test.ts";
import { connectPostgres } from "../harness/postgres.ts";
import { eventually } from "../harness/process.ts";
import { TunnelPageObject } from "../pages/tunnel-page.ts";

test("a query through the relay port appears in the table and in the chart while it runs", async ({
  server,
  shop,
  dashboard,
}) => {
  const page = new TunnelPageObject(dashboard);
  await page.open(server.url, shop.tunnel.id);
  await expect(page.status("Active")).toBeVisible();

  const client = await connectPostgres(shop.port);
  const { rows } = await client.query<{ sum: string }>(
    "select sum(n)::text as sum from generate_series(1, 100000) as n",
  );
  expect(rows).toEqual([{ sum: "5000050000" }]);
  await expect(page.connections.getByRole("row")).toHaveCount(2);

  // 32 MiB of answer: more than the chart can miss.
  await client.query("select repeat('x', 1024 * 1024) from generate_series(1, 32)");
  await expect(page.chartSummary).toHaveAttribute("aria-label", /at most [\d.]+ (M|G)bit\/s/);

  const open = await server.api(ConnectionPage, `/connections?tunnelId=${shop.tunnel.id}`);
  expect(open.items).toHaveLength(1);
  await eventually("the connection's bytes are counted", async () => {
    const { items } = await server.api(ConnectionPage, `/connections?tunnelId=${shop.tunnel.id}`);
    return (items[0]?.bytes.out ?? 0) > 32 * 1024 * 1024 ? items : undefined;
  });
  await client.end();
  await expect(dashboard.getByText("No connection is open")).toBeVisible();
});
