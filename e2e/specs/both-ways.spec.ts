import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { startSite } from "../fixtures/site.ts";
import { expect, signIn, test } from "../fixtures/test.ts";
import { EchoClient } from "../harness/echo-service.ts";
import { TunnelPageObject } from "../pages/tunnel-page.ts";

/** An outage is seen after some checks in a row, milliseconds. */
const NOTICED_MS = 15_000;

const WIDE = { colorScheme: "light", width: 1280 } as const;
const EVERY_LOOK = [
  WIDE,
  { colorScheme: "dark", width: 1280 },
  { colorScheme: "light", width: 390 },
] as const;

type Look = (typeof EVERY_LOOK)[number];

/** What is drawn must be readable and fit. */
async function expectClean(page: Page, looks: readonly Look[] = [WIDE]): Promise<void> {
  for (const { colorScheme, width } of looks) {
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html}`)).toEqual([]);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow, "scrolls sideways").toBe(0);
  }
  await page.setViewportSize({ width: 1280, height: 800 });
}

test("the tunnel's page draws both ways and follows every move of the traffic", async ({
  page,
}) => {
  test.setTimeout(180_000);
  const site = await startSite();
  try {
    await site.server.admin(["create-user", "--email", "ops@example.com"], "correct horse battery");
    await signIn(site.server, page);
    const service = await site.startDirect();
    const established = await EchoClient.connect(site.relay);
    const tunnel = new TunnelPageObject(page);
    await tunnel.open(site.server.url, site.tunnelId);

    await test.step("tunnel: the other way is known, and what choosing it would do", async () => {
      await expect(tunnel.way("Through the relay", true)).toBeVisible();
      await expect(tunnel.way("Directly", false)).toContainText(site.direct);
      await expect(tunnel.effects).toContainText(`Direct: new clients use ${site.direct}.`);
      await expect(tunnel.effects).toContainText("1 established connection lives on.");
      await expectClean(page);
    });

    await test.step("direct: the Gateway's address alone, and the lines to copy name it", async () => {
      await tunnel.mode("Direct").click();
      await expect(tunnel.way("Directly", true)).toContainText("Answers since");
      await expect(tunnel.way("Through the relay", false)).toContainText(
        "1 established connection lives on. New clients are refused here.",
      );
      await expect(tunnel.kit).toContainText(site.direct.replace(":", " "));
      await expectClean(page, EVERY_LOOK);
    });

    await test.step("dual: both, and either can be copied", async () => {
      await tunnel.mode("Dual").click();
      await expect(tunnel.way("Through the relay", true)).toContainText(site.direct);
      await expect(tunnel.way("Directly", true)).toBeVisible();
      await expect(tunnel.kit).toContainText(site.relay.replace(":", " "));
      await tunnel.kit.getByRole("radio", { name: "Direct address" }).click();
      await expect(tunnel.kit).toContainText(site.direct.replace(":", " "));
      await expectClean(page);
    });

    established.close();
    await site.agent.stop();
    await test.step("dual without an agent: served directly, and connections say so", async () => {
      await expect(tunnel.status("Served directly")).toBeVisible();
      const client = await EchoClient.connect(site.relay);
      expect(await client.ask("hello")).toBe("direct");
      await expect(tunnel.connections.getByRole("row").getByText("direct").first()).toBeVisible();
      await expectClean(page, EVERY_LOOK);
      client.close();
    });

    await service.stop();
    await test.step("nothing answers any more: unreachable, with the reason and since when", async () => {
      await expect(tunnel.way("Directly", false)).toContainText("Has not answered since", {
        timeout: NOTICED_MS,
      });
      await expect(tunnel.status("Unreachable")).toBeVisible();
      await expect(tunnel.why(/has not answered since .+, so the tunnel carries/)).toBeVisible();
      await expectClean(page);
    });
  } finally {
    await site.destroy();
  }
});
