import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { takeDataDir } from "./data-dir.ts";
import { StartError } from "./start-error.ts";

async function setup(below = "") {
  const folder = await mkdtemp(join(tmpdir(), "culvert-data-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const dataDir = join(folder, below);
  return { dataDir, lockFile: join(dataDir, "run", "server.lock") };
}

describe("a data directory", () => {
  it("is made, had by one, and free again after it was released", async () => {
    const { dataDir, lockFile } = await setup("new/deeper");
    const first = await takeDataDir(dataDir, lockFile);
    const second = takeDataDir(dataDir, lockFile);
    await expect(second).rejects.toBeInstanceOf(StartError);
    await first.release();
    await (await takeDataDir(dataDir, lockFile)).release();
  });

  it("keeps the sockets of the server that has it", async () => {
    const { dataDir, lockFile } = await setup();
    const { runDir, release } = await takeDataDir(dataDir, lockFile);
    const socket = join(runDir, "control.sock");
    await writeFile(socket, "");
    await expect(takeDataDir(dataDir, lockFile)).rejects.toBeInstanceOf(StartError);
    expect(existsSync(socket)).toBe(true);
    await release();
    expect(existsSync(socket)).toBe(false);
  });

  it("that has too long a path for sockets gets them elsewhere, for as long as it is had", async () => {
    const { dataDir, lockFile } = await setup("x".repeat(100));
    const { runDir, release } = await takeDataDir(dataDir, lockFile);
    expect(runDir.startsWith(dataDir)).toBe(false);
    await expect(takeDataDir(dataDir, lockFile)).rejects.toBeInstanceOf(StartError);
    expect(existsSync(runDir)).toBe(true);
    await release();
    expect(existsSync(runDir)).toBe(false);
  });

  it.each([
    ["is a file", ""],
    ["has a file for its folder of sockets", "run"],
  ])("that %s is refused with one sentence", async (_what, name) => {
    const { dataDir } = await setup();
    const used = join(dataDir, "used");
    if (name !== "") await mkdir(used);
    await writeFile(join(used, name), "");
    const refused = takeDataDir(used, join(used, "run", "server.lock"));
    await expect(refused).rejects.toBeInstanceOf(StartError);
    await expect(refused).rejects.not.toThrow(/\n/);
  });
});
