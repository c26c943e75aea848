import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { findLockOwner, takeLock } from "./lock.ts";

async function setup() {
  const folder = await mkdtemp(join(tmpdir(), "culvert-lock-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return {
    file: join(folder, "run", "server.lock"),
    own: { kind: "server", runDir: folder } as const,
  };
}

async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ["-e", ""]);
  await once(child, "exit");
  return child.pid ?? 0;
}

describe("the lock of a data directory", () => {
  it("is had by one, and says who has it", async () => {
    const { file, own } = await setup();
    const first = await takeLock(file, own);
    const second = await takeLock(file, own);
    expect(first.taken).toBe(true);
    expect(second).toMatchObject({ taken: false, owner: { pid: process.pid, runDir: own.runDir } });
  });

  it("is free again after it was released", async () => {
    const { file, own } = await setup();
    const first = await takeLock(file, own);
    if (first.taken) await first.release();
    expect(await findLockOwner(file)).toBeNull();
    expect((await takeLock(file, own)).taken).toBe(true);
  });

  it("is taken from an owner that died", async () => {
    const { file, own } = await setup();
    await takeLock(file, own);
    const stale = { pid: await deadPid(), startTicks: null, kind: "server", runDir: "/gone" };
    await writeFile(file, JSON.stringify(stale));
    expect(await findLockOwner(file)).toBeNull();
    expect((await takeLock(file, own)).taken).toBe(true);
  });

  it.runIf(process.platform === "linux")(
    "knows a process id that is used again by another",
    async () => {
      const { file, own } = await setup();
      await takeLock(file, own);
      const stale = { pid: process.pid, startTicks: "1", kind: "server", runDir: "/gone" };
      await writeFile(file, JSON.stringify(stale));
      expect((await takeLock(file, own)).taken).toBe(true);
    },
  );

  it.runIf(process.platform === "linux")("is taken from an owner nobody has buried", async () => {
    const { file, own } = await setup();
    await takeLock(file, own);
    // Its parent becomes a program that never waits for it. A shell gives what runs behind it an empty input, unless
    // it comes from another descriptor.
    const parent = spawn("sh", ["-c", "exec 3<&0; cat <&3 & echo $!; exec sleep 60"]);
    onTestFinished(() => void parent.kill("SIGKILL"));
    const [pid] = (await once(parent.stdout.setEncoding("utf8"), "data")) as [string];
    const name = () => readFile(`/proc/${parent.pid}/comm`, "utf8");
    await vi.waitFor(async () => expect(await name()).toBe("sleep\n"));
    // Only now does it end: the shell would still have buried it.
    parent.stdin.end();
    const stat = () => readFile(`/proc/${pid.trim()}/stat`, "utf8");
    await vi.waitFor(async () => expect(await stat()).toContain(") Z "));
    const stale = { pid: Number(pid), startTicks: null, kind: "server", runDir: "/gone" };
    await writeFile(file, JSON.stringify(stale));
    expect((await takeLock(file, own)).taken).toBe(true);
  });

  it("is taken by exactly one of many that find it stale", async () => {
    const { file, own } = await setup();
    await takeLock(file, own);
    await writeFile(file, "not json");
    const answers = await Promise.all(Array.from({ length: 20 }, () => takeLock(file, own)));
    expect(answers.filter(({ taken }) => taken)).toHaveLength(1);
    expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject({ pid: process.pid });
  });
});
