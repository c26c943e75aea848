// Makes the pictures of the README from the running product: a server, two agents, real PostgreSQL traffic.
import { mkdir } from "node:fs/promises";
import { parseArgs } from "node:util";
import { chromium, type Browser, type BrowserContext } from "@playwright/test";
import { startShop, type Shop } from "#e2e/fixtures/shop.ts";
import { CulvertServer } from "#e2e/harness/culvert.ts";
import { connectPostgres, startPostgres } from "#e2e/harness/postgres.ts";

const FOLDER = "docs/images";
const HELP = `Usage: node scripts/make-pictures.ts [--minutes N]

Starts Culvert with real traffic, waits N minutes (default 12) so that the charts have something to show, and writes
${FOLDER}/*.png. Needs a build (npm run build) and Chromium (CHROMIUM_PATH, default /usr/bin/chromium).`;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "12" },
    help: { type: "boolean", default: false },
  },
});

/** Queries of changing size, with pauses, until the deadline: no two clients alike. */
async function work(port: number, client: number, until: number): Promise<void> {
  const connection = await connectPostgres(port);
  for (let turn = 0; Date.now() < until; turn += 1) {
    const wave = 1 + Math.sin((Date.now() / 60_000) * (1 + client / 5) + client);
    const rows = Math.ceil(2 + 24 * wave);
    await connection.query(`select repeat('x', $1) from generate_series(1, $2)`, [
      2_000 * client,
      rows,
    ]);
    await connection.query("select length($1)", ["y".repeat(Math.ceil(9_000 * client * wave))]);
    await new Promise((resolve) => setTimeout(resolve, 60 + ((turn * 37 * client) % 240)));
  }
  await connection.end();
}

async function signedIn(browser: Browser, server: CulvertServer): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 960 } });
  const page = await context.newPage();
  await page.goto(await server.admin(["sign-in-link", "--email", "ops@example.com"]));
  await page.getByRole("navigation", { name: "Main" }).first().waitFor();
  return context;
}

async function takePictures(server: CulvertServer, shop: Shop): Promise<void> {
  const browser = await chromium.launch({
    executablePath: process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
  const context = await signedIn(browser, server);
  const page = await context.newPage();
  const pictures = [
    { name: "overview", path: "/", colorScheme: "light" },
    { name: "tunnel", path: `/tunnels/${shop.tunnel.id}`, colorScheme: "light" },
    { name: "tunnel-dark", path: `/tunnels/${shop.tunnel.id}`, colorScheme: "dark" },
  ] as const;
  for (const { name, path, colorScheme } of pictures) {
    await page.emulateMedia({ colorScheme });
    await page.goto(`${server.url}${path}`);
    await page.getByRole("img", { name: /^Throughput of the last/ }).waitFor();
    // Rates of single connections are known two seconds after the page first heard of them.
    await page.waitForTimeout(4_000);
    await page.screenshot({ path: `${FOLDER}/${name}.png` });
  }
  await browser.close();
}

async function main(minutes: number): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  const server = await CulvertServer.start();
  const postgres = await startPostgres();
  await server.admin(["create-user", "--email", "ops@example.com"], "correct horse battery");
  const orders = await startShop(
    server,
    "prod-frankfurt",
    `orders-postgres=tcp://127.0.0.1:${postgres.port}`,
  );
  const ledger = await startShop(server, "edge-oslo", `ledger=tcp://127.0.0.1:${postgres.port}`);
  const until = Date.now() + minutes * 60_000;
  const clients = [
    ...[1, 2, 3, 4, 5].map((client) => work(orders.port, client, until + 60_000)),
    ...[1, 2].map((client) => work(ledger.port, client, until + 60_000)),
  ];
  await new Promise((resolve) => setTimeout(resolve, until - Date.now()));
  await takePictures(server, orders);
  await Promise.all(clients);
  await Promise.all([orders.agent.stop(), ledger.agent.stop()]);
  await server.destroy();
  await postgres.stop();
}

if (values.help) console.log(HELP);
else await main(Number(values.minutes));
