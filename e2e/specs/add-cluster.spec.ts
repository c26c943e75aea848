import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "../fixtures/test.ts";

test("adding a cluster: the command shown, run as it stands, connects and publishes", async ({
  server,
  postgres,
  dashboard: page,
}) => {
  await page.goto(`${server.url}/clusters/new`);
  await page.getByLabel("Name", { exact: true }).fill("edge-oslo");
  await page.getByRole("button", { name: "Create and show the command" }).click();
  await page.getByLabel("Service to publish").fill("orders");
  await page.getByLabel("Its address, as that machine sees it").fill(`127.0.0.1:${postgres.port}`);
  await expect(
    page.getByRole("status").filter({ hasText: "Waiting for the agent…" }),
  ).toBeVisible();
  const command = await page.locator("code").filter({ hasText: "culvert-agent.mjs" }).innerText();

  const folder = await mkdtemp(join(tmpdir(), "culvert-plain-host-"));
  const host = spawn("bash", ["-c", command], {
    cwd: folder,
    // A group of its own, so that the shell and the agent end together.
    detached: true,
    env: {
      NODE_ENV: "production",
      PATH: process.env["PATH"] ?? "",
      HOME: folder,
      CULVERT_AGENT_ID: "oslo-1",
      CULVERT_AGENT_PORT: "0",
    },
    stdio: "ignore",
  });
  try {
    await expect(page.getByRole("status").filter({ hasText: "Connected" })).toBeVisible();
    await expect(page.getByText("It found 1 service.")).toBeVisible();
    await page.getByRole("link", { name: "Open orders" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "orders" })).toBeVisible();
  } finally {
    if (host.pid !== undefined) process.kill(-host.pid, "SIGTERM");
    await once(host, "exit");
    await rm(folder, { recursive: true, force: true });
  }
});
