import { createHash, randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../harness/process.ts";
import { hasProgram } from "./harness/external.ts";
import { type MariaDb, queryMariaDb, startMariaDb } from "./harness/mariadb.ts";
import { PortLab } from "./harness/port-lab.ts";

const BLOB_BYTES = 32 * 1024 * 1024;

const hasMariaDb = ["mariadbd", "mariadb", "mariadb-install-db"].every(hasProgram);

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

  it("ends a query that another session kills", async () => {
    const sleeping = queryMariaDb(lab.port("mariadb"), "SELECT SLEEP(600)");
    const id = await eventually("the query runs", async () => {
      const found = await query(
        "SELECT id FROM information_schema.processlist WHERE info = 'SELECT SLEEP(600)'",
      );
      return found === "" ? undefined : found;
    });
    await query(`KILL ${id}`);
    expect(await sleeping).toMatchObject({ code: 1 });
  });
});
