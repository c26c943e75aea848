import { createHash, randomBytes } from "node:crypto";
import { createConnection, type Connection, type RowDataPacket } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../harness/process.ts";
import {
  hasMariaDb,
  MARIADB_LOGIN,
  type MariaDb,
  queryMariaDb,
  startMariaDb,
} from "./harness/mariadb.ts";
import { PortLab } from "./harness/port-lab.ts";

const BLOB_BYTES = 32 * 1024 * 1024;
const SESSIONS = 8;
const ROWS_EACH = 200;
const SLEEP = "SELECT SLEEP(600)";

describe.skipIf(!hasMariaDb)("MariaDB behind the relay (mariadb-server needed)", () => {
  let mariadb: MariaDb;
  let lab: PortLab;

  beforeAll(async () => {
    mariadb = await startMariaDb();
    lab = await PortLab.start([
      { name: "mariadb", protocol: "TCP", port: 3306, target: mariadb.port },
    ]);
  });

  afterAll(async () => {
    await lab.stop();
    await mariadb.stop();
  });

  const query = async (sql: string): Promise<string> => {
    const { code, out, err } = await queryMariaDb(lab.port("mariadb"), sql);
    if (code !== 0) throw new Error(err);
    return out.toString().trim();
  };

  /** A session of a client library through the relay, for as long as `use` takes. */
  async function withSession<T>(use: (session: Connection) => Promise<T>): Promise<T> {
    const address = { host: "127.0.0.1", port: lab.port("mariadb") };
    const session = await createConnection({ ...address, ...MARIADB_LOGIN });
    try {
      return await use(session);
    } finally {
      await session.end();
    }
  }

  it("answers queries, prepared ones too", async () => {
    const rows = await query(
      "PREPARE sums FROM 'SELECT ? + ?'; SET @a = 40, @b = 2; EXECUTE sums USING @a, @b; SELECT VERSION() LIKE '%MariaDB%';",
    );
    expect(rows.split("\n")).toEqual(["42", "1"]);
  });

  it("takes a blob of 32 MiB and gives it back unchanged", async () => {
    const blob = randomBytes(BLOB_BYTES);
    await query("CREATE TABLE blobs (id INT PRIMARY KEY, data LONGBLOB)");
    await query(`INSERT INTO blobs VALUES (1, X'${blob.toString("hex")}');`);
    expect(await query("SELECT LENGTH(data), SHA2(data, 256) FROM blobs")).toBe(
      `${BLOB_BYTES}\t${createHash("sha256").update(blob).digest("hex")}`,
    );
    expect((await query("SELECT HEX(data) FROM blobs")).toLowerCase()).toBe(blob.toString("hex"));
  });

  it(`runs prepared statements of ${SESSIONS} sessions at once by the binary protocol`, async () => {
    await query("CREATE TABLE prepared (session INT, n INT, at DATETIME(6), price DECIMAL(12,4))");
    const run = async (session: Connection, number: number): Promise<void> => {
      const insert = await session.prepare("INSERT INTO prepared VALUES (?, ?, ?, ?)");
      for (let n = 0; n < ROWS_EACH; n += 1) {
        await insert.execute([number, n, "2026-01-02 03:04:05.678901", `${n}.2500`]);
      }
      await insert.close();
      const [rows] = await session.execute<RowDataPacket[]>(
        "SELECT COUNT(*) AS count, SUM(price) AS total FROM prepared WHERE session = ?",
        [number],
      );
      const total = (ROWS_EACH * (ROWS_EACH - 1)) / 2 + ROWS_EACH / 4;
      expect(rows).toEqual([{ count: ROWS_EACH, total: total.toFixed(4) }]);
    };
    await Promise.all(
      Array.from({ length: SESSIONS }, (_, n) => withSession((session) => run(session, n))),
    );
    // The server counts PREPARE as text elsewhere.
    const [, executed] = (await query("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'")).split("\t");
    expect(Number(executed)).toBeGreaterThanOrEqual(SESSIONS * (ROWS_EACH + 1));
  });

  it.each([
    { order: "KILL QUERY", what: "a query", error: "ERROR 1317 (70100)" },
    { order: "KILL CONNECTION", what: "a session", error: "ERROR 2013 (HY000)" },
  ])("ends $what that another session kills", async ({ order, error }) => {
    const sleeping = queryMariaDb(lab.port("mariadb"), SLEEP);
    const id = await eventually("the query runs", async () => {
      const where = `info = '${SLEEP}'`;
      const found = await query(`SELECT id FROM information_schema.processlist WHERE ${where}`);
      return found === "" ? undefined : found;
    });
    await query(`${order} ${id}`);
    const { code, err } = await sleeping;
    expect(code).toBe(1);
    expect(err).toContain(error);
  });
});
