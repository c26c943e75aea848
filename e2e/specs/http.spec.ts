import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { SITE_TITLE, startWebSite } from "../fixtures/web-site.ts";
import { expect, signIn, test } from "../fixtures/test.ts";
import { HttpTunnelPage } from "../pages/http-tunnel-page.ts";

const MILLISECONDS = /^\d+(\.\d)? ms$/;

test("an HTTP tunnel opens its site with one click, and lists what is asked of it while it happens", async ({
  page,
}) => {
  test.setTimeout(180_000);
  const site = await startWebSite();
  const tunnel = new HttpTunnelPage(page);
  try {
    await site.server.admin(["create-user", "--email", "ops@example.com"], "correct horse battery");
    await signIn(site.server, page);
    await tunnel.open(site.server.url, site.tunnel.id);
    await expect(page.getByText("No request yet")).toBeVisible();
    await expect(tunnel.addresses.filter({ hasText: "shop.example.com" })).toBeVisible();

    const visit = await tunnel.openSite();
    await expect(visit.getByRole("heading", { name: SITE_TITLE })).toBeVisible();
    const isHome = { has: page.getByText("/", { exact: true }) };
    const home = tunnel.request("200 OK").filter(isHome);
    await expect(home).toHaveCount(1);
    await expect(home.getByRole("cell").nth(3)).toHaveText(MILLISECONDS);
    await expect(home.getByRole("cell").nth(7)).toHaveText("127.0.0.1");

    await visit.goto(new URL("/missing", visit.url()).href);
    await expect(tunnel.request("/missing", "404 Not Found")).toHaveCount(1);
    await tunnel.filterRequests("4xx");
    await expect(page).toHaveURL(/[?&]requests=4xx/);
    await expect(home).toHaveCount(0);
    await expect(tunnel.request("/missing")).toHaveCount(1);
    await tunnel.filterRequests("All");

    await chat(visit, ["one", "two"]);
    await expect(tunnel.openRequest("/chat").getByText("2 in")).toBeVisible();
    await expect(tunnel.openRequest("/chat").getByText("2 out")).toBeVisible();
    await expect(tunnel.figure("WebSockets", "open")).toHaveText("1");
    await expect(tunnel.figure("WebSockets", "messages in")).toHaveText("2");
    await visit.close();
    await tunnel.filterRequests("WebSocket");
    await expect(tunnel.request("WebSocket", "/chat", "101 Upgraded")).toHaveCount(1);
    await tunnel.filterRequests("All");

    // Whoever comes now has heard nothing of it live, and no series has stored it yet.
    await page.reload();
    await expect(async () => {
      expect(await tunnel.requestsOfTheDay()).toBe(await tunnel.answers());
    }).toPass({ timeout: 5_000 });

    await site.stopService();
    const late = await tunnel.openSite();
    const reason = "The service refused the connection";
    await expect(late.getByRole("heading", { name: reason })).toBeVisible();
    await expect(late.getByText(/^Request /)).toBeVisible();
    await expect(tunnel.request("502 Bad Gateway", reason).filter(isHome)).toHaveCount(1);
    await late.close();
    // One failure right after an answer is no alarm yet.
    await expect(async () => {
      await (await tunnel.openSite()).close();
      const problem = tunnel.problem(`Backend: ${reason} when it was last tried.`);
      await expect(problem).toBeVisible({ timeout: 2_000 });
    }).toPass({ timeout: 30_000 });
    await page.getByRole("link", { name: "Tunnels", exact: true }).click();
    await expect(page.getByRole("cell", { name: `Active ${reason}` })).toBeVisible();
    await page.goBack();

    await expectAccessible(page);
  } finally {
    await site.stop();
  }
});

/** Opens a WebSocket from the site's own page, and waits for an echo of everything that it says. */
async function chat(page: Page, words: readonly string[]): Promise<void> {
  await page.evaluate(async (said) => {
    const socket = new WebSocket(new URL("/chat", location.href.replace(/^http/, "ws")));
    await new Promise<void>((resolve, reject) => {
      let missing = said.length;
      socket.onerror = () => reject(new Error("the WebSocket failed"));
      socket.onopen = () => said.forEach((word) => socket.send(word));
      socket.onmessage = () => {
        missing -= 1;
        if (missing === 0) resolve();
      };
    });
  }, words);
}

async function expectAccessible(page: Page): Promise<void> {
  for (const [width, colorScheme] of [
    [1280, "light"],
    [1280, "dark"],
    [390, "light"],
  ] as const) {
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.waitForLoadState("networkidle");
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(
      violations.map(({ id, nodes }) => `${width} ${colorScheme}: ${id} ${nodes[0]?.html}`),
    ).toEqual([]);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow, `${width} scrolls sideways`).toBe(0);
  }
}
