import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { DatabaseError, openDatabase } from "./client.ts";
import { isUniqueViolation, transaction, type Db } from "./db.ts";
import { applyMigrations } from "./migrations.ts";
import { createSqliteAdapter } from "./sqlite-adapter.ts";

const folders: string[] = [];
const databases: Db[] = [];

async function setup() {
  const folder = await mkdtemp(join(tmpdir(), "culvert-db-"));
  folders.push(folder);
  const url = `file:${join(folder, "new", "culvert.db")}`;
  const opened = async () => {
    const db = await openDatabase({ url });
    databases.push(db);
    return db;
  };
  return { url, opened };
}

afterEach(async () => {
  for (const db of databases.splice(0)) await db.$disconnect();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

const cluster = (id: string, name: string) => ({ id, name, createdAt: new Date() });

describe("openDatabase", () => {
  it("makes and migrates the file, and finds it again", async () => {
    const { opened, url } = await setup();
    const first = await opened();
    await first.cluster.create({ data: cluster("cl_1", "prod") });
    await first.$disconnect();
    const second = await opened();
    expect(await second.cluster.findMany()).toMatchObject([{ name: "prod" }]);
    expect(await applyMigrations(createSqliteAdapter(url))).toEqual([]);
  });

  it("keeps the file to its owner", async () => {
    const { opened, url } = await setup();
    const db = await opened();
    await db.cluster.create({ data: cluster("cl_1", "prod") });
    for (const file of ["", "-wal", "-shm"]) {
      expect((await stat(`${url.slice("file:".length)}${file}`)).mode & 0o777).toBe(0o600);
    }
  });

  it.each([
    ["holds something else", async (path: string) => writeFile(path, "no database".repeat(100))],
    ["is a folder", async (path: string) => void (await mkdir(path))],
  ])("says in one sentence that the file cannot be used when it %s", async (_what, spoil) => {
    const { url } = await setup();
    const path = url.slice("file:".length);
    await mkdir(dirname(path));
    await spoil(path);
    const failure = await openDatabase({ url }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DatabaseError);
    expect((failure as DatabaseError).message.split("\n")).toHaveLength(1);
  });

  it("keeps its settings through transactions", async () => {
    const { opened } = await setup();
    const db = await opened();
    await transaction(db, (tx) => tx.cluster.create({ data: cluster("cl_1", "prod") }));
    expect(await db.$queryRaw`PRAGMA journal_mode`).toEqual([{ journal_mode: "wal" }]);
    expect(await db.$queryRaw`PRAGMA foreign_keys`).toEqual([{ foreign_keys: 1n }]);
    expect(await db.$queryRaw`PRAGMA busy_timeout`).toEqual([{ timeout: 5_000n }]);
  });

  it("stores byte counts beyond 2^53", async () => {
    const { opened } = await setup();
    const db = await opened();
    const large = 2n ** 60n + 1n;
    await db.cluster.create({ data: { ...cluster("cl_1", "prod"), pastBytesIn: large } });
    expect((await db.cluster.findFirst())?.pastBytesIn).toBe(large);
  });
});

describe("transaction", () => {
  it("undoes everything when it fails", async () => {
    const { opened } = await setup();
    const db = await opened();
    const failure = transaction(db, async (tx) => {
      await tx.cluster.create({ data: cluster("cl_1", "a") });
      await tx.cluster.create({ data: cluster("cl_2", "a") });
    }).catch((error: unknown) => error);
    expect(isUniqueViolation(await failure)).toBe(true);
    expect(await db.cluster.count()).toBe(0);
  });

  it("makes everybody else wait, and serves them afterwards", async () => {
    const { opened } = await setup();
    const db = await opened();
    const work = Array.from({ length: 50 }, (_, i) =>
      i % 2 === 0
        ? transaction(db, (tx) => tx.cluster.create({ data: cluster(`cl_${i}`, `c${i}`) }))
        : db.cluster.create({ data: cluster(`cl_${i}`, `c${i}`) }),
    );
    await Promise.all(work);
    expect(await db.cluster.count()).toBe(50);
  });

  it("deletes what hangs on a deleted row", async () => {
    const { opened } = await setup();
    const db = await opened();
    const token = { id: "tk_1", prefix: "p", hash: "h", createdAt: new Date() };
    await db.cluster.create({ data: { ...cluster("cl_1", "a"), tokens: { create: token } } });
    await transaction(db, (tx) => tx.cluster.delete({ where: { id: "cl_1" } }));
    expect(await db.agentToken.count()).toBe(0);
  });
});

describe("isUniqueViolation", () => {
  it("is not taken in by other errors", () => {
    for (const other of [null, undefined, "P2002", new Error("P2002"), { code: "P2025" }]) {
      expect(isUniqueViolation(other)).toBe(false);
    }
  });
});
