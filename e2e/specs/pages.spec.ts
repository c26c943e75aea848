import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "../fixtures/test.ts";

const LOOKS = [
  { name: "light", colorScheme: "light", width: 1280 },
  { name: "dark", colorScheme: "dark", width: 1280 },
  { name: "narrow", colorScheme: "light", width: 390 },
] as const;

for (const look of LOOKS) {
  test(`every page is free of accessibility faults and fits its width: ${look.name}`, async ({
    server,
    shop,
    dashboard: page,
  }) => {
    test.setTimeout(180_000);
    await page.setViewportSize({ width: look.width, height: 800 });
    await page.emulateMedia({ colorScheme: look.colorScheme, reducedMotion: "reduce" });
    const paths = [
      "/",
      "/clusters",
      "/clusters/new",
      `/clusters/${shop.clusterId}`,
      `/clusters/${shop.clusterId}?tab=gateways`,
      `/clusters/${shop.clusterId}?tab=kubernetes`,
      `/clusters/${shop.clusterId}?tab=agents`,
      `/clusters/${shop.clusterId}?tab=settings`,
      "/tunnels",
      `/tunnels/${shop.tunnel.id}`,
      "/connections",
      "/activity",
      "/settings",
      "/nowhere",
    ];
    for (const path of paths) {
      await page.goto(`${server.url}${path}`);
      await expect(page.getByRole("heading", { level: 1 }).first(), path).toBeVisible();
      await page.waitForLoadState("networkidle");
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(
        violations.map(({ id, nodes }) => `${path}: ${id} ${nodes[0]?.html}`),
        path,
      ).toEqual([]);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow, `${path} scrolls sideways`).toBe(0);
    }
  });
}
