// Writes the agent's manifests for those without Helm: what the chart renders, less what only Helm needs.
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { findGo } from "#e2e/kubernetes/harness/go.ts";
import { buildHelm } from "./deploy/build-helm.ts";

const HELP = `Usage: node scripts/generate-manifests.ts [--check]

Renders the Helm chart into deploy/manifests/agent.yaml. Needs Go, which builds Helm once.
  --check   write nothing, exit 1 when the file is not up to date`;

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const CHART = `${ROOT}deploy/helm/culvert-agent`;
const FILE = `${ROOT}deploy/manifests/agent.yaml`;
/** A server replaces this address by its own when it hands the file out. */
const SERVER_URL = "https://culvert.example.com";

const HEAD = `# The Culvert agent, for \`kubectl apply -f\`. Generated from the Helm chart by \`npm run generate:manifests\`.
#
# Before: kubectl create namespace culvert
#         kubectl -n culvert create secret generic culvert-agent --from-literal=token=<agent token>
`;
const ONLY_FOR_HELM =
  /^(# Source: .*|\s*(helm\.sh\/chart|app\.kubernetes\.io\/managed-by): .*)\n/gm;

async function render(helm: string): Promise<string> {
  const values = [`server.url=${SERVER_URL}`, "token.existingSecret=culvert-agent"];
  const { stdout } = await promisify(execFile)(helm, [
    "template",
    "culvert-agent",
    CHART,
    "--namespace=culvert",
    ...values.flatMap((value) => ["--set", value]),
  ]);
  return HEAD + stdout.replace(ONLY_FOR_HELM, "");
}

async function main(isCheck: boolean): Promise<void> {
  const go = findGo();
  if (go === null) throw new Error("Go is needed to build Helm, and was not found.");
  const text = await render(await buildHelm(go));
  if (!isCheck) return writeFile(FILE, text);
  if ((await readFile(FILE, "utf8").catch(() => "")) === text) return;
  console.error(`${FILE} is not up to date; run \`npm run generate:manifests\``);
  process.exitCode = 1;
}

const { values } = parseArgs({
  options: { help: { type: "boolean" }, check: { type: "boolean" } },
});
if (values.help === true) console.log(HELP);
else await main(values.check === true);
