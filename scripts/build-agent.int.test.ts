import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEcho } from "#agent/testing/services.ts";
import { TestHub } from "#agent/testing/test-hub.ts";
import { AGENT_VERSION } from "#agent/version.ts";

const run = promisify(execFile);

/** Node as the machine has it beside ours, usually an older one. */
const OTHER_NODES = ["/usr/bin/node", "/usr/local/bin/node"];

async function findNodes(): Promise<string[]> {
  const found = [process.execPath];
  for (const path of OTHER_NODES) {
    if ((await stat(path).catch(() => null)) === null) continue;
    const { stdout } = await run(path, ["--version"]);
    if (Number(stdout.slice(1).split(".")[0]) >= 20) found.push(path);
  }
  return found;
}

const nodes = await findNodes();

describe("the agent as one file", () => {
  let folder = "";
  let file = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "culvert-test-"));
    file = join(folder, "culvert-agent.mjs");
    await run(process.execPath, ["scripts/build-agent.ts", file]);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each(nodes)("tells its version under %s", async (node) => {
    // Away from the checkout: nothing beside the file may be needed.
    const { stdout } = await run(node, [file, "--version"], { cwd: folder });
    expect(stdout).toBe(`culvert-agent ${AGENT_VERSION}\n`);
  });

  it("ends with 1 and a list of what is missing", async () => {
    const failure = run(process.execPath, [file], { cwd: folder, env: { NODE_ENV: "production" } });
    await expect(failure).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("CULVERT_TOKEN") as string,
    });
  });

  it.each(nodes)("connects, forwards and drains under %s", async (node) => {
    const hub = await new TestHub().listen();
    const echo = await startEcho();
    const child = spawn(
      node,
      [file, "--url", hub.url, "--expose", `echo=tcp://127.0.0.1:${echo.port}`],
      {
        cwd: folder,
        env: { NODE_ENV: "production", CULVERT_TOKEN: "cvt_test", CULVERT_AGENT_PORT: "0" },
        stdio: "ignore",
      },
    );
    const exit = new Promise((resolve) => child.once("exit", resolve));
    try {
      const link = await hub.untilUp();
      const stream = link.open(
        { namespace: "expose", gateway: "echo", protocol: "tcp", port: echo.port, hostname: null },
        { first: "ping" },
      );
      expect(await stream.untilReceived(4)).toBe("ping");
      stream.stream.end();
      await stream.end;
      child.kill("SIGTERM");
      expect(await exit).toBe(0);
      expect((await hub.until("the close", () => link.closed)).code).toBe(1001);
    } finally {
      child.kill("SIGKILL");
      await exit;
      await hub.close();
      await echo.close();
    }
  });
});
