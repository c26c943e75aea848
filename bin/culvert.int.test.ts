import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { openDatabase } from "#server/db/client.ts";
import { takeLock } from "#server/supervisor/lock.ts";
import { startTestWeb } from "#server/web/testing/start-test-web.ts";

const PROGRAM = fileURLToPath(new URL("./culvert.ts", import.meta.url));

async function culvert(
  args: readonly string[],
  options: { dataDir?: string; input?: string; env?: Readonly<Record<string, string>> } = {},
) {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: {
      NODE_ENV: "production",
      PATH: process.env["PATH"] ?? "",
      ...(options.dataDir === undefined ? {} : { CULVERT_DATA_DIR: options.dataDir }),
      ...options.env,
    },
    stdio: "pipe",
  });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => (output[name] += text));
  }
  child.stdin.end(options.input ?? "");
  const [code] = (await once(child, "close")) as [number | null];
  return { code, ...output };
}

async function createDataDir() {
  const dataDir = await mkdtemp(join(tmpdir(), "culvert-cli-"));
  onTestFinished(() => rm(dataDir, { recursive: true }));
  const read = async <T>(work: (db: Awaited<ReturnType<typeof openDatabase>>) => Promise<T>) => {
    const db = await openDatabase({ url: `file:${join(dataDir, "culvert.db")}` });
    try {
      return await work(db);
    } finally {
      await db.$disconnect();
    }
  };
  return { dataDir, read };
}

describe("culvert", () => {
  it.each([
    [["--help"], /server.*agent.*demo.*admin/s],
    [["server", "--help"], /Examples:/],
    [["agent", "--help"], /--expose/],
    [["demo", "--help"], /Usage: culvert demo/],
    [["admin", "--help"], /create-user.*create-api-key.*create-cluster.*sign-in-link/s],
    [["admin", "create-user", "--help"], /--email.*--role.*Examples:/s],
    [["admin", "create-cluster", "--help"], /--name.*Examples:/s],
    [["--version"], /^\d+\.\d+\.\d+\n$/],
  ])("says what there is: %j", async (args, text) => {
    const answer = await culvert(args);
    expect(answer.stdout).toMatch(text);
    expect([answer.code, answer.stderr]).toEqual([0, ""]);
  });

  it.each([
    [["--bogus"]],
    [["bogus"]],
    [["server", "--bogus"]],
    [["admin", "create-cluster"]],
    [["admin", "create-api-key", "--name", "x", "--role", "boss"]],
    [["admin", "create-user"]],
  ])("refuses what it does not know with exit code 2: %j", async (args) => {
    const answer = await culvert(args);
    expect(answer.code).toBe(2);
    expect(answer.stdout).toBe("");
    expect(answer.stderr).toMatch(/^error: /);
  });
});

describe("culvert admin, while no server runs", () => {
  it("creates a cluster and prints its id and token alone", async () => {
    const { dataDir, read } = await createDataDir();
    const answer = await culvert(["admin", "create-cluster", "--name", "lab"], { dataDir });
    expect(answer.code).toBe(0);
    expect(answer.stdout).toMatch(/^\{"clusterId":"cl_[0-9a-z]+","token":"cvt_[^"]+"\}\n$/);
    expect(await read((db) => db.cluster.count())).toBe(1);
    const again = await culvert(["admin", "create-cluster", "--name", "lab"], { dataDir });
    expect([again.code, again.stdout]).toEqual([1, ""]);
    expect(again.stderr).toMatch(/^[^\n]* exists already: its page [^\n]* tokens\n$/);
  });

  it("creates an API key and prints it alone", async () => {
    const { dataDir, read } = await createDataDir();
    const args = ["admin", "create-api-key", "--name", "ci", "--role", "viewer"];
    const answer = await culvert(args, { dataDir });
    expect(answer.code).toBe(0);
    expect(answer.stdout).toMatch(/^cvk_\S+\n$/);
    expect(await read((db) => db.apiKey.findMany())).toMatchObject([
      { name: "ci", role: "viewer" },
    ]);
  });

  it("creates a person with the password from standard input, and a link for them", async () => {
    const { dataDir, read } = await createDataDir();
    const args = ["admin", "create-user", "--email", "Ops@Example.com"];
    const answer = await culvert(args, { dataDir, input: "correct horse battery\n" });
    expect(answer.code).toBe(0);
    expect(await read((db) => db.user.findMany())).toMatchObject([
      { email: "ops@example.com", role: "admin" },
    ]);
    const link = await culvert(["admin", "sign-in-link"], { dataDir });
    expect(link.stdout).toMatch(/^http:\/\/localhost:3000\/sign-in\/link\?token=\S+\n$/);
    const unknown = await culvert(["admin", "sign-in-link", "--email", "no@example.com"], {
      dataDir,
    });
    expect([unknown.code, unknown.stdout]).toEqual([1, ""]);
  });

  it("refuses a password that is too short, and makes nobody", async () => {
    const { dataDir, read } = await createDataDir();
    const args = ["admin", "create-user", "--email", "ops@example.com"];
    const answer = await culvert(args, { dataDir, input: "short" });
    expect(answer.code).toBe(1);
    expect(answer.stderr).toMatch(/password/);
    expect(await read((db) => db.user.count())).toBe(0);
  });

  it("says in one line where it wrote, and that a new database was made", async () => {
    const { dataDir } = await createDataDir();
    const args = ["admin", "create-api-key", "--name", "ci"];
    const first = await culvert(args, { dataDir });
    const second = await culvert(args, { dataDir });
    for (const { stderr } of [first, second]) {
      expect(stderr).toMatch(/^No server runs with its data in [^\n]+\n$/);
      expect(stderr).toContain(dataDir);
    }
    expect(first.stderr).toMatch(/a new one was made.*CULVERT_DATA_DIR/);
    expect(second.stderr).toMatch(/written to the database \S+ directly/);
  });

  it("makes no folder for a sign-in link, and says what is missing", async () => {
    const { dataDir } = await createDataDir();
    const elsewhere = join(dataDir, "none");
    const answer = await culvert(["admin", "sign-in-link"], { dataDir: elsewhere });
    expect([answer.code, answer.stdout]).toEqual([1, ""]);
    expect(answer.stderr).toMatch(/^[^\n]* there is no database [^\n]* CULVERT_DATA_DIR [^\n]*\n$/);
    expect(existsSync(elsewhere)).toBe(false);
  });

  it("tells a database elsewhere from the folder where no server runs", async () => {
    const { dataDir } = await createDataDir();
    const { dataDir: other } = await createDataDir();
    const file = join(other, "own.db");
    const args = ["admin", "create-api-key", "--name", "ci"];
    const env = { DATABASE_URL: `file:${file}` };
    const { stderr } = await culvert(args, { dataDir, env });
    expect(stderr).toContain(`in ${dataDir}, and there was no database ${file}:`);
  });

  it("says that nobody can sign in yet, and what makes the first administrator", async () => {
    const { dataDir } = await createDataDir();
    await culvert(["admin", "create-cluster", "--name", "lab"], { dataDir });
    const answer = await culvert(["admin", "sign-in-link"], { dataDir });
    expect([answer.code, answer.stdout]).toEqual([1, ""]);
    expect(answer.stderr).toMatch(/^Nobody can sign in yet: [^\n]*set-up link[^\n]*\n$/);
  });

  it("gives the data directory back", async () => {
    const { dataDir } = await createDataDir();
    await culvert(["admin", "create-cluster", "--name", "lab"], { dataDir });
    const lock = await takeLock(join(dataDir, "run", "server.lock"), {
      kind: "server",
      runDir: "",
    });
    expect(lock.taken).toBe(true);
  });
});

describe("culvert admin, while a server runs", () => {
  it("has the server do it, which is the only one to write", async () => {
    const web = await startTestWeb();
    const { dataDir } = await createDataDir();
    const lock = await takeLock(join(dataDir, "run", "server.lock"), {
      kind: "server",
      runDir: web.runDir,
    });
    onTestFinished(async () => {
      await web.close();
      if (lock.taken) await lock.release();
    });
    const answer = await culvert(["admin", "create-cluster", "--name", "lab"], { dataDir });
    expect([answer.code, answer.stderr]).toEqual([0, ""]);
    const { db } = web.web.runtime;
    expect(await db.cluster.findMany()).toMatchObject([{ name: "lab" }]);
    const taken = await culvert(["admin", "create-cluster", "--name", "lab"], { dataDir });
    expect(taken.code).toBe(1);
    const event = await db.auditEvent.findFirst({ where: { action: "cluster.create" } });
    expect(event).toMatchObject({ actorKind: "command_line" });
  });

  it("says so when the server does not answer", async () => {
    const { dataDir } = await createDataDir();
    await takeLock(join(dataDir, "run", "server.lock"), { kind: "server", runDir: dataDir });
    const answer = await culvert(["admin", "create-cluster", "--name", "lab"], { dataDir });
    expect([answer.code, answer.stdout]).toEqual([1, ""]);
    expect(answer.stderr).toBe("The running server does not answer\n");
  });
});

describe("culvert server", () => {
  it.each([
    ["a second one on the same data directory", {}, /already uses/],
    ["a setting that makes no sense", { CULVERT_PORT: "eighty" }, /CULVERT_PORT/],
  ])("ends with one sentence: %s", async (_what, env, sentence) => {
    const { dataDir } = await createDataDir();
    await takeLock(join(dataDir, "run", "server.lock"), { kind: "server", runDir: dataDir });
    const child = spawn(process.execPath, [PROGRAM, "server"], {
      env: {
        NODE_ENV: "production",
        PATH: process.env["PATH"] ?? "",
        CULVERT_DATA_DIR: dataDir,
        ...env,
      },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    const [code] = (await once(child, "close")) as [number];
    expect(code).toBe(1);
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

describe("npm run culvert", () => {
  it("leaves no process behind when npm is told to stop", async () => {
    const args = ["agent", "--url", "http://127.0.0.1:1", "--expose", "db=tcp://127.0.0.1:2"];
    const npm = spawn("npm", ["run", "--silent", "culvert", "--", ...args], {
      cwd: fileURLToPath(new URL("..", import.meta.url)),
      env: {
        NODE_ENV: "production",
        PATH: process.env["PATH"] ?? "",
        CULVERT_TOKEN: "cvt_x",
        CULVERT_AGENT_PORT: "0",
      },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const log = createInterface(npm.stderr);
    let isUp = false;
    log.on("line", (line) => {
      if (isUp || !line.includes("Nothing listens")) return;
      isUp = true;
      npm.kill("SIGTERM");
    });
    // The stream ends with the last process that holds it.
    await once(log, "close");
    expect(isUp).toBe(true);
  });
});
