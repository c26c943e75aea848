// Queries the demo's PostgreSQL through its tunnel: what `npm run try` does, for whoever has no psql.
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import pg from "pg";
import { findDemoState, type DemoState } from "#demo/demo-state.ts";

const HELP = `Usage: npm run try -- [--hold [--seconds N]]

Queries the demo's PostgreSQL through its tunnel. \`npm start\` must be running, in another terminal, with the same
CULVERT_DATA_DIR if any.

  --hold        keep the connection open for a while, to look at it in the dashboard or close it there
  --seconds N   how long, 1 to 3600; default 30
`;

const HOLD_SECONDS = 30;
const HOLD_SECONDS_MAX = 3_600;
const TICK_MS = 1_000;

interface Options {
  readonly hold: boolean;
  readonly seconds: number;
}

async function main(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv);
  if (typeof options === "string") return fail(options);
  if (options === null) {
    process.stdout.write(HELP);
    return 0;
  }
  const dataDir = resolve(process.env["CULVERT_DATA_DIR"] ?? "./data");
  const state = await findDemoState(dataDir);
  if (state === null) {
    return fail(
      `No demo is running with its data in ${dataDir}. Start it with \`npm start\` in another terminal, then try again. ` +
        "If it was started with CULVERT_DATA_DIR, set the same here.",
    );
  }
  const { host, port, user, database } = state.postgres;
  const client = new pg.Client({
    ...state.postgres,
    application_name: "culvert-try",
    connectionTimeoutMillis: 15_000,
  });
  let cut: Error | null = null;
  client.on("error", (error) => {
    cut = error;
  });
  try {
    const startedAt = performance.now();
    await client.connect();
    const connectedMs = performance.now() - startedAt;
    const { rows } = await client.query<Row>(QUERY);
    process.stdout.write(
      `\n  ${user}@${host}:${port}/${database}, connected in ${connectedMs.toFixed(0)} ms\n\n`,
    );
    process.stdout.write(describeRows(rows));
    process.stdout.write(describePlace(state));
    if (options.hold) await hold(client, options.seconds, () => cut);
    await client.end();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return fail(`PostgreSQL could not be reached through the tunnel at ${host}:${port}: ${reason}`);
  }
  return cut === null || options.hold ? 0 : 1;
}

function readOptions(argv: readonly string[]): Options | string | null {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        hold: { type: "boolean", default: false },
        seconds: { type: "string", default: String(HOLD_SECONDS) },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) return null;
    const seconds = Number(values.seconds);
    const isWhole = Number.isInteger(seconds) && seconds >= 1 && seconds <= HOLD_SECONDS_MAX;
    if (!isWhole) return `--seconds must be a whole number from 1 to ${HOLD_SECONDS_MAX}.`;
    return { hold: values.hold, seconds };
  } catch (error) {
    return error instanceof Error ? error.message : "The arguments are wrong.";
  }
}

const QUERY = "select category, orders::text, items::text, revenue::text from sales_by_category";

interface Row {
  readonly category: string;
  readonly orders: string;
  readonly items: string;
  readonly revenue: string;
}

function describeRows(rows: readonly Row[]): string {
  const line = (row: Row): string =>
    `  ${row.category.padEnd(12)}${row.orders.padStart(8)}${row.items.padStart(8)}${row.revenue.padStart(14)}\n`;
  const head = line({ category: "category", orders: "orders", items: "items", revenue: "revenue" });
  return `${head}  ${"─".repeat(head.length - 3)}\n${rows.map(line).join("")}`;
}

function describePlace({ url, postgres }: DemoState): string {
  return `
  This went through the relay, the agent's WebSocket and back. In the dashboard:
  ${url}/tunnels/${postgres.tunnelId} shows the connection, its bytes and how long it lasted.
  \`npm run try -- --hold\` keeps one open for ${HOLD_SECONDS} s: see it live, force the tunnel on, close it there.
`;
}

/** Asks for a little now and then, so that there is something to see, until the time is up or somebody closes it. */
async function hold(
  client: pg.Client,
  seconds: number,
  findCut: () => Error | null,
): Promise<void> {
  process.stdout.write(`\n  Holding the connection for ${seconds} s …\n`);
  for (let second = 0; second < seconds; second += 1) {
    await new Promise((wake) => setTimeout(wake, TICK_MS));
    const failed = await client.query("select sum(quantity) from order_items").then(
      () => findCut() !== null,
      () => true,
    );
    if (failed) {
      process.stdout.write(`  The connection was closed from outside after ${second + 1} s.\n`);
      return;
    }
  }
  process.stdout.write("  Done.\n");
}

function fail(sentence: string): number {
  process.stderr.write(`${sentence}\n`);
  return 1;
}

process.exit(await main(process.argv.slice(2)));
