import { chromium, type Browser, type Page } from "@playwright/test";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHROMIUM } from "../harness/chromium.ts";
import { HttpLab } from "./harness/http-lab.ts";
import { startHttpService, type HttpBackend } from "./harness/http-service.ts";
import { hasMariaDb, startMariaDb, type MariaDb } from "./harness/mariadb.ts";
import { installUptimeKuma, startUptimeKuma, type UptimeKuma } from "./harness/uptime-kuma.ts";

const LOGIN = { user: "operator", password: "correct-horse-7" };

const hasAll = hasMariaDb && CHROMIUM.executablePath !== undefined;
const folder = hasAll ? await installUptimeKuma() : null;

describe.skipIf(folder === null)(
  "Uptime Kuma behind the edge (npm, MariaDB and Chromium needed)",
  () => {
    let mariadb: MariaDb;
    let kuma: UptimeKuma;
    let watched: HttpBackend;
    let lab: HttpLab;
    let browser: Browser;
    let page: Page;
    /** Answers with an error, and WebSockets that were opened. */
    const faults: string[] = [];
    const webSockets: string[] = [];

    beforeAll(async () => {
      mariadb = await startMariaDb();
      kuma = await startUptimeKuma(folder ?? "", mariadb.port);
      watched = await startHttpService((_request, response) => response.end("fine"));
      lab = await HttpLab.start({ services: [{ name: "kuma", port: kuma.port }] });
      const { host } = lab.site("kuma");
      const args = [...(CHROMIUM.args ?? []), `--host-resolver-rules=MAP ${host} 127.0.0.1`];
      browser = await chromium.launch({ ...CHROMIUM, args });
      const context = await browser.newContext({ baseURL: `http://${host}:${lab.edgePort}` });
      page = await context.newPage();
      page.on("response", (answer) => {
        if (answer.status() >= 400) faults.push(`${answer.status()} ${answer.url()}`);
      });
      page.on("websocket", (socket) => webSockets.push(socket.url()));
    });

    afterAll(async () => {
      await browser?.close();
      await lab?.stop();
      await watched?.close();
      await kuma?.stop();
      await mariadb?.stop();
    });

    const status = (shown: Page, text: string) =>
      shown.getByText(text, { exact: true }).filter({ visible: true }).first();

    it("is opened and set up, over HTTP and its WebSocket", async () => {
      await page.goto("/");
      await page.getByPlaceholder("Username").fill(LOGIN.user);
      await page.getByPlaceholder("Password", { exact: true }).fill(LOGIN.password);
      await page.getByPlaceholder("Repeat Password").fill(LOGIN.password);
      await page.getByRole("button", { name: "Create" }).click();
      await page.getByRole("link", { name: "Add New Monitor" }).waitFor();
      expect(webSockets).toEqual([expect.stringMatching(/^ws:.*transport=websocket/)]);
      expect(faults).toEqual([]);
    });

    it("shows a service up, and down to everybody who looks on as soon as it is", async () => {
      await page.getByRole("link", { name: "Add New Monitor" }).click();
      await page.locator("#name").fill("The watched service");
      await page.locator("#url").fill(`http://127.0.0.1:${watched.port}/`);
      await page.locator("#maxRetries").fill("0");
      await page.getByRole("button", { name: "Save" }).click();
      await status(page, "Up").waitFor();
      const onlooker = await page.context().newPage();
      await onlooker.goto(page.url());
      await status(onlooker, "Up").waitFor();

      await page.getByRole("button", { name: "Pause" }).click();
      await page.getByRole("button", { name: "Yes" }).click();
      await onlooker.getByRole("button", { name: "Resume" }).waitFor();
      await watched.close();
      await page.getByRole("button", { name: "Resume" }).click();
      await status(onlooker, "Down").waitFor();
      await onlooker.close();
    });

    it("comes back by itself after its site was switched off and on", async () => {
      await lab.change({ enabled: false });
      const notice = page.getByText("Reconnecting...");
      await notice.waitFor();
      await lab.change({ enabled: true });
      await notice.waitFor({ state: "hidden" });
      await page.getByRole("link", { name: "Dashboard" }).click();
      await page.getByRole("heading", { name: "Quick Stats" }).waitFor();
    });
  },
);
