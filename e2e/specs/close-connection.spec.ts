import type { Client } from "pg";
import { expect, test } from "../fixtures/test.ts";
import { connectPostgres } from "../harness/postgres.ts";
import { TunnelPageObject } from "../pages/tunnel-page.ts";

/** How PostgreSQL names the client's port is no help behind a tunnel: the socket knows its own. */
function localPort(client: Client): number {
  const { connection } = client as unknown as { connection: { stream: { localPort: number } } };
  return connection.stream.localPort;
}

test("closing one connection cuts that client and no other; closing all cuts the rest", async ({
  server,
  shop,
  dashboard,
}) => {
  const page = new TunnelPageObject(dashboard);
  await page.open(server.url, shop.tunnel.id);
  const clients = await Promise.all([1, 2, 3].map(() => connectPostgres(shop.port)));
  const [first, second, third] = clients;
  if (first === undefined || second === undefined || third === undefined) throw new Error("three");
  const cut = first.query("select pg_sleep(600)").then(
    () => "answered",
    () => "cut",
  );

  await page.closeConnectionOf(localPort(first));
  expect(await cut).toBe("cut");
  await expect(page.connectionOf(localPort(first))).toBeHidden();
  expect((await second.query("select 2 as two")).rows).toEqual([{ two: 2 }]);

  const ended = Promise.all(
    [second, third].map((one) => new Promise((end) => one.once("end", end))),
  );
  await page.closeAll(2);
  await ended;
  await expect(dashboard.getByText("No connection is open")).toBeVisible();

  await page.showClosed();
  await expect(
    page.closedConnections.getByRole("row").filter({ hasText: "Closed by an operator" }),
  ).toHaveCount(3);
});
