import AxeBuilder from "@axe-core/playwright";
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
  const name = page.getByLabel("Name", { exact: true });
  await expect(name).toBeFocused();
  await name.fill("edge-oslo");
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

for (const look of [
  { name: "light", colorScheme: "light", width: 1280 },
  { name: "dark and narrow", colorScheme: "dark", width: 390 },
] as const) {
  test(`adding a cluster: the commands for Helm and kubectl name what this server hands out, ${look.name}`, async ({
    server,
    dashboard: page,
  }) => {
    await page.setViewportSize({ width: look.width, height: 800 });
    await page.emulateMedia({ colorScheme: look.colorScheme, reducedMotion: "reduce" });
    await page.goto(`${server.url}/clusters/new`);
    await page.getByLabel("Name", { exact: true }).fill(`kube-${look.width}`);
    await page.getByRole("button", { name: "Create and show the command" }).click();
    const commands = page.getByRole("tabpanel").locator("code");

    for (const [tab, handedOut] of [
      ["Helm", "/deploy/culvert-agent.tgz"],
      ["kubectl", "/deploy/agent.yaml"],
    ] as const) {
      await page.getByRole("tab", { name: tab }).click();
      await expect(commands).toContainText("--from-literal=token=cvt_");
      await expect(commands).toContainText(`${server.url}${handedOut}`);
      expect((await fetch(`${server.url}${handedOut}`)).status).toBe(200);
      await expect(page.getByText("CULVERT_PUBLIC_URL")).toBeVisible();
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html}`)).toEqual([]);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow, `${tab} scrolls sideways`).toBe(0);
    }
    await expect(
      page.getByRole("status").filter({ hasText: "Waiting for the agent…" }),
    ).toBeVisible();
  });
}
