import { spawn } from "node:child_process";
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
import { eventually } from "../harness/process.ts";
import { hasProgram, runTool } from "./harness/external.ts";
import { PortLab } from "./harness/port-lab.ts";

const ROWS = 102_400;
/** With its line end a row of COPY is 1 KiB: 100 MiB in all. */
const ROW_BYTES = 1_023;
const SESSIONS = 20;

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
    const child = spawn("psql", [uri(), "--no-psqlrc", "--command", "SELECT pg_sleep(600)"]);
    let err = "";
    child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
    const ended = once(child, "close");
    const observer = await connectPostgres(lab.port("postgres"));
    await eventually("the query runs", async () => {
      const sql = "SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)'";
      return (await observer.query(sql)).rowCount === 1 ? true : undefined;
    });
    child.kill("SIGINT");
    await ended;
    expect(err).toContain("canceling statement due to user request");
    await observer.end();
  });
});

describe("PostgreSQL behind the relay", () => {
  it("notifies one session of what another says", async () => {
    const listening = await connectPostgres(lab.port("postgres"));
    const telling = await connectPostgres(lab.port("postgres"));
    await listening.query("LISTEN orders");
    const heard = once(listening, "notification");
    await telling.query("NOTIFY orders, 'order 7'");
    expect((await heard)[0]).toMatchObject({ channel: "orders", payload: "order 7" });
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
