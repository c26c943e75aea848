import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pino } from "pino";
import { describe, expect, it, onTestFinished } from "vitest";
import { Supervisor, type SupervisorOptions } from "./supervisor.ts";

const PROGRAM = fileURLToPath(new URL("./testing/child-program.mjs", import.meta.url));
const DEADLINE_MS = 10_000;

type Extra = Readonly<Record<string, string>>;

async function createJournal() {
  const folder = await mkdtemp(join(tmpdir(), "culvert-supervisor-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "journal");
  await writeFile(file, "");
  const read = async () => (await readFile(file, "utf8")).split("\n").filter((line) => line !== "");
  const waitFor = async (line: RegExp, times = 1): Promise<string[]> => {
    const deadline = performance.now() + DEADLINE_MS;
    for (;;) {
      const found = (await read()).filter((text) => line.test(text));
      if (found.length >= times) return found;
      if (performance.now() > deadline)
        throw new Error(`${String(line)} did not come ${times} times`);
      await new Promise((wake) => setTimeout(wake, 10));
    }
  };
  return { file, read, waitFor };
}

async function setup(extra: { readonly web?: Extra; readonly relay?: Extra } = {}) {
  const journal = await createJournal();
  const notices: string[] = [];
  const stderr: string[] = [];
  const stopped = Promise.withResolvers<string | null>();
  const program = (name: string, more: Extra = {}): SupervisorOptions["web"] => ({
    name,
    program: PROGRAM,
    args: Object.entries({ name, journal: journal.file, ...more }).map(
      ([key, value]) => `${key}=${value}`,
    ),
    env: {},
  });
  const supervisor = new Supervisor({
    web: program("web", extra.web),
    relays: [program("rl_1", extra.relay)],
    log: pino({ level: "silent" }),
    stdout: "ignore",
    stderr: (text) => stderr.push(text),
    onNotice: (text) => notices.push(text),
    onStopped: stopped.resolve,
  });
  onTestFinished(() => supervisor.stop());
  supervisor.start();
  return { supervisor, journal, notices, stderr, stopped: stopped.promise };
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe("the supervisor", () => {
  it("is ready when every process is, and passes their notices on then", async () => {
    const { supervisor, notices } = await setup({ web: { notice: "open-this-link" } });
    await supervisor.ready;
    expect(notices).toEqual(["open-this-link"]);
    expect(Object.keys(supervisor.pids)).toEqual(["web", "rl_1"]);
  });

  it.each(["web", "rl_1"])(
    "starts %s again when it dies, and leaves the other alone",
    async (name) => {
      const { supervisor, journal } = await setup();
      await supervisor.ready;
      const before = supervisor.pids;
      process.kill(before[name] ?? 0, "SIGKILL");
      await journal.waitFor(new RegExp(`^${name} started`), 2);
      const other = name === "web" ? "rl_1" : "web";
      expect(supervisor.pids[other]).toBe(before[other]);
      expect(supervisor.pids[name]).not.toBe(before[name]);
    },
  );

  it("ends the relays before the web process, so that their last words are heard", async () => {
    const { supervisor, journal, stopped } = await setup({ relay: { drainMs: "150" } });
    await supervisor.ready;
    await supervisor.stop();
    expect(await stopped).toBeNull();
    const order = (await journal.read()).map((line) => line.split(" ").slice(0, 2).join(" "));
    expect(order.slice(2)).toEqual([
      "rl_1 draining",
      "rl_1 drained",
      "web draining",
      "web drained",
    ]);
  });

  it("stops everything with the sentence of a child that no restart would help", async () => {
    const { stopped, stderr, supervisor } = await setup({
      relay: { fatal: "Port 3000 is in use." },
    });
    expect(await stopped).toBe("Port 3000 is in use.");
    expect(supervisor.pids).toEqual({});
    // Said once: what came before it went through, the sentence itself is the caller's to print.
    expect(stderr.join("")).toBe("some noise\n");
  });

  it("gives up on a process that never becomes ready", async () => {
    const { stopped } = await setup({ web: { crash: "yes" } });
    expect(await stopped).toMatch(/web process does not start/);
  });

  it("ends everything at once when it is told to", async () => {
    const { supervisor, journal, stopped } = await setup({ relay: { drainMs: "60000" } });
    await supervisor.ready;
    const { pids } = supervisor;
    void supervisor.stop();
    await journal.waitFor(/^rl_1 draining/);
    supervisor.kill();
    await stopped;
    for (const pid of Object.values(pids)) expect(isAlive(pid)).toBe(false);
  });

  it("leaves no process behind when it is killed itself", async () => {
    const journal = await createJournal();
    const parent = fork(fileURLToPath(new URL("./testing/parent-program.ts", import.meta.url)), [
      PROGRAM,
      journal.file,
    ]);
    await once(parent, "message");
    parent.kill("SIGKILL");
    const orphans = await journal.waitFor(/orphaned/, 2);
    const pids = orphans.map((line) => Number(line.split(" ")[2]));
    const deadline = performance.now() + DEADLINE_MS;
    while (pids.some(isAlive) && performance.now() < deadline) {
      await new Promise((wake) => setTimeout(wake, 10));
    }
    expect(pids.filter(isAlive)).toEqual([]);
  });
});
