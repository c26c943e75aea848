import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterEach, describe, expect, it } from "vitest";
import { startDemoServices } from "../start-demo.ts";
import { removeDataFolder } from "./postgres-folders.ts";
import { startPostgres } from "./postgres.ts";
import { SHOP } from "./shop-database.ts";
import { findFreePort } from "./small-services.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function makeFolder(): Promise<string> {
  // Private, as the server's data directory is: another account cannot enter it.
  const parent = await mkdtemp(join(tmpdir(), "culvert-test-"));
  const folder = join(parent, "postgres");
  cleanups.push(async () => {
    await removeDataFolder(folder);
    await rm(parent, { recursive: true });
  });
  return folder;
}

async function ask(
  port: number,
  sql: string,
  user: { user: string; password: string; database: string },
) {
  const client = new pg.Client({ ...user, port, host: "127.0.0.1" });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe("startPostgres", () => {
  it("keeps its data over a stop and a start", async () => {
    const folder = await makeFolder();
    const person = { user: "tester", password: "secret", database: "postgres" };
    const first = await startPostgres({ folder, port: await findFreePort(), ...person });
    expect(first.isNew).toBe(true);
    await ask(first.port, "create table kept as select 42 as answer", person);
    await first.stop();
    await expect(ask(first.port, "select 1", person)).rejects.toMatchObject({
      code: "ECONNREFUSED",
    });

    const second = await startPostgres({ folder, port: await findFreePort(), ...person });
    cleanups.push(() => second.stop());
    expect(second.isNew).toBe(false);
    expect(await ask(second.port, "select answer from kept", person)).toEqual([{ answer: 42 }]);
    await expect(
      ask(second.port, "select 1", { ...person, password: "wrong" }),
    ).rejects.toMatchObject({ code: "28P01" });
  });

  it("ends when whoever started it is killed outright", async () => {
    const folder = await makeFolder();
    const module = JSON.stringify(new URL("./postgres.ts", import.meta.url).href);
    const options = JSON.stringify({
      folder,
      port: await findFreePort(),
      user: "tester",
      password: "secret",
    });
    const program = `const { startPostgres } = await import(${module});
      const { folder } = await startPostgres(${options});
      console.log(folder);`;
    const parent = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const printed = await new Promise<string>((resolve) => {
      parent.stdout.once("data", (text: Buffer) => resolve(text.toString().trim()));
    });
    const pid = Number.parseInt(await readFile(join(printed, "postmaster.pid"), "utf8"), 10);
    expect(isAlive(pid)).toBe(true);
    parent.kill("SIGKILL");
    await expect.poll(() => isAlive(pid), { timeout: 15_000 }).toBe(false);
  });
});

describe("startDemoServices", () => {
  it("has a shop to query, and gives its visitor no superuser", async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "culvert-test-"));
    cleanups.push(async () => {
      await removeDataFolder(join(dataDir, "demo", "postgres"));
      await rm(dataDir, { recursive: true });
    });
    const services = await startDemoServices({ dataDir, onStep: () => undefined });
    cleanups.push(() => services.stop());
    expect(services.postgres).toEqual(SHOP);
    const manifest = await readFile(join(services.manifestsDir, "shop.yaml"), "utf8");
    const port = Number(
      // Of the EndpointSlice: a Service's ports stand deeper.
      /^ports:\n {2}- name: postgres\n {4}port: (\d+)/m.exec(manifest)?.[1],
    );
    const rows = await ask(port, "select category from sales_by_category", SHOP);
    expect(rows).toHaveLength(5);
    const [me] = await ask(port, "select usesuper from pg_user where usename = current_user", SHOP);
    expect(me).toEqual({ usesuper: false });
    await expect(ask(port, "copy (select 1) to program 'true'", SHOP)).rejects.toMatchObject({
      code: "42501",
    });
  });
});
