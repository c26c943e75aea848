// Makes the whole file tree of a container image: what deploy/docker/*.Dockerfile runs, and the same without an engine.
import { execFile } from "node:child_process";
import { chown, mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { addNode, findAddOns } from "./image/add-node.ts";
import { addServer } from "./image/add-server.ts";

const HELP = `Usage: node scripts/build-image.ts agent|server FOLDER

Makes the file tree of a container image in FOLDER, which must not exist yet: Node with its C libraries, and the program.
The server must be built (npm run build). The images themselves: deploy/docker/agent.Dockerfile, server.Dockerfile.
`;

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const UID = 1000;

async function buildAgent(tree: string): Promise<void> {
  const file = join(tree, "app", "culvert-agent.mjs");
  await mkdir(join(tree, "app"), { recursive: true });
  await promisify(execFile)(process.execPath, [join(ROOT, "scripts/build-agent.ts"), file]);
  await addNode(tree, []);
}

async function buildServer(tree: string): Promise<void> {
  await addServer(ROOT, tree);
  await addNode(tree, await findAddOns(join(tree, "app", "node_modules")));
  const data = join(tree, "data");
  await mkdir(data, { mode: 0o700 });
  // A new volume takes its owner from here. Whoever is not root owns it already.
  if (process.getuid?.() === 0) await chown(data, UID, UID);
}

const BUILDERS: Readonly<Record<string, (tree: string) => Promise<void>>> = {
  agent: buildAgent,
  server: buildServer,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { help: { type: "boolean" } },
});
const [name = "", folder = ""] = positionals;
const build = BUILDERS[name];
if (values.help === true) {
  process.stdout.write(HELP);
} else if (build === undefined || folder === "") {
  process.stderr.write(HELP);
  process.exitCode = 1;
} else {
  const tree = resolve(folder);
  await mkdir(tree);
  await build(tree);
}
