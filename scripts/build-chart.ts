// Packs the agent's Helm chart into public/deploy/culvert-agent.tgz, from where every server hands it out.
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { toTar } from "./deploy/tar.ts";

const HELP = `Usage: node scripts/build-chart.ts [OUT_FILE]

Packs the agent's Helm chart, by default into public/deploy/culvert-agent.tgz. Needs no Helm.
`;

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const CHART = join(ROOT, "deploy", "helm", "culvert-agent");

async function pack(): Promise<Buffer> {
  const found = await readdir(CHART, { recursive: true, withFileTypes: true });
  const paths = found
    .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
  const entries = await Promise.all(
    paths.map(async (path) => ({
      path: `culvert-agent/${path.slice(CHART.length + 1)}`,
      content: await readFile(path),
    })),
  );
  return gzipSync(toTar(entries));
}

const [argument] = process.argv.slice(2);
if (argument === "--help") {
  process.stdout.write(HELP);
} else {
  const file = argument ?? join(ROOT, "public", "deploy", "culvert-agent.tgz");
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, await pack());
}
