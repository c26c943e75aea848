import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  connectPostgres,
  POSTGRES_PASSWORD,
  POSTGRES_USER,
  startPostgres,
  type Postgres,
} from "../harness/postgres.ts";
import { eventually, startProgram } from "../harness/process.ts";
import { hasProgram, runTool } from "./harness/external.ts";
import { PortLab } from "./harness/port-lab.ts";

const ROWS = 102_400;
/** With its line end a row of COPY is 1 KiB: 100 MiB in all. */
const ROW_BYTES = 1_023;
const SESSIONS = 20;
const NOTICES = 1_000;
const QUERY_CANCELED = "57014";

const hasPsql = hasProgram("psql");
let postgres: Postgres;
let lab: PortLab;

beforeAll(async () => {
  postgres = await startPostgres();
  lab = await PortLab.start([
    { name: "postgres", protocol: "TCP", port: 5432, target: postgres.port },
  ]);
});

afterAll(async () => {
  await lab.stop();
  await postgres.stop();
});

const uri = (): string =>
  `postgresql://${POSTGRES_USER}:${POSTGRES_PASSWORD}@127.0.0.1:${lab.port("postgres")}/postgres`;

const psql = (sql: string, input?: Readable) =>
  runTool("psql", [uri(), "--no-psqlrc", "--quiet", "--command", sql], input);

/** 100 MiB of lines, never all in memory, and their hash once they were read. */
function createRows() {
  const hash = createHash("sha256");
  const random = randomBytes(ROW_BYTES)
    .toString("base64")
    .slice(0, ROW_BYTES - 8);
  function* lines(): Generator<Buffer> {
    for (let row = 0; row < ROWS; row += 1) {
      const line = Buffer.from(`${String(row).padStart(8, "0")}${random}\n`);
      hash.update(line);
      yield line;
    }
  }
  return { rows: Readable.from(lines(), { objectMode: false }), digest: () => hash.digest("hex") };
}

describe.skipIf(!hasPsql)("PostgreSQL behind the relay (psql needed)", () => {
  it("takes 100 MiB by COPY and gives them back unchanged", async () => {
    expect(await psql("CREATE TABLE lines (text text)")).toMatchObject({ code: 0 });
    const { rows, digest } = createRows();
    expect(await psql("COPY lines FROM STDIN", rows)).toMatchObject({ code: 0, err: "" });
    const { code, out } = await psql("COPY (SELECT text FROM lines ORDER BY text) TO STDOUT");
    expect(code).toBe(0);
    expect(out.byteLength).toBe(ROWS * (ROW_BYTES + 1));
    expect(createHash("sha256").update(out).digest("hex")).toBe(digest());
  });

  it("cancels a query that runs, by a connection of its own", async () => {
    const args = [uri(), "--no-psqlrc", "--set=VERBOSITY=sqlstate", "--command"];
    const sleeper = startProgram({ program: "psql", args: [...args, "SELECT pg_sleep(600)"] });
    const ended = once(sleeper.child, "close");
    const observer = await connectPostgres(lab.port("postgres"));
    await eventually("the query runs", async () => {
      const sql = "SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)'";
      return (await observer.query(sql)).rowCount === 1 ? true : undefined;
    });
    // psql answers Ctrl-C with a CancelRequest.
    sleeper.child.kill("SIGINT");
    await ended;
    expect(sleeper.output()).toContain(QUERY_CANCELED);
    await observer.end();
  });
});

describe("PostgreSQL behind the relay", () => {
  it("notifies one session of everything that another says, in order", async () => {
    const listening = await connectPostgres(lab.port("postgres"));
    const telling = await connectPostgres(lab.port("postgres"));
    const heard: string[] = [];
    const heardAll = Promise.withResolvers<void>();
    listening.on("notification", ({ payload = "" }) => {
      if (heard.push(payload) === NOTICES) heardAll.resolve();
    });
    await listening.query("LISTEN orders");
    const told = Array.from({ length: NOTICES }, (_, n) => `order ${n}`);
    for (const order of told) await telling.query("SELECT pg_notify('orders', $1)", [order]);
    await heardAll.promise;
    expect(heard).toEqual(told);
    await Promise.all([listening.end(), telling.end()]);
  });

  it(`serves ${SESSIONS} sessions at once, each its own transaction`, async () => {
    const sessions = await Promise.all(
      Array.from({ length: SESSIONS }, () => connectPostgres(lab.port("postgres"))),
    );
    const sums = await Promise.all(
      sessions.map(async (session, n) => {
        await session.query("BEGIN");
        await session.query("CREATE TEMP TABLE mine (value int) ON COMMIT DROP");
        await session.query("INSERT INTO mine SELECT $1 * g FROM generate_series(1, 1000) g", [n]);
        const { rows } = await session.query<{ sum: string }>("SELECT sum(value) FROM mine");
        await session.query("ROLLBACK");
        return Number(rows[0]?.sum);
      }),
    );
    expect(sums).toEqual(Array.from({ length: SESSIONS }, (_, n) => n * 500_500));
    await Promise.all(sessions.map((session) => session.end()));
  });
});
