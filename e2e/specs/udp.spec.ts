import { createSocket } from "node:dgram";
import { once } from "node:events";
import { startUdpEcho } from "#agent/testing/services.ts";
import { expect, signIn, test } from "../fixtures/test.ts";
import { TunnelPageObject } from "../pages/tunnel-page.ts";
import { PortLab } from "../services/harness/port-lab.ts";

test("a UDP tunnel's page speaks of associations and counts datagrams while they pass", async ({
  page,
}) => {
  const echo = await startUdpEcho();
  const lab = await PortLab.start([{ name: "dns", protocol: "UDP", port: 53, target: echo.port }]);
  const client = createSocket("udp4");
  try {
    await lab.server.admin(["create-user", "--email", "ops@example.com"], "correct horse battery");
    await signIn(lab.server, page);
    await new TunnelPageObject(page).open(lab.server.url, lab.tunnel("dns").id);
    await expect(page.getByText("No association is open")).toBeVisible();
    await expect(page.getByRole("tab", { name: "dig" })).toBeVisible();
    for (let n = 0; n < 3; n += 1) {
      client.send("hello", lab.port("dns"), "127.0.0.1");
      await once(client, "message", { signal: AbortSignal.timeout(10_000) });
    }
    await expect(page.getByRole("table", { name: "Open associations" })).toBeVisible();
    const tunnelPage = new TunnelPageObject(page);
    await expect(tunnelPage.figure("Datagrams in", "in all")).toHaveText("3");
    await expect(tunnelPage.figure("Datagrams out", "in all")).toHaveText("3");
    await expect(tunnelPage.figure("Dropped", "in all")).toHaveText("0");
  } finally {
    client.close();
    await lab.stop();
    await echo.close();
  }
});
