// Brings a checkout to the point where its programs run: dependencies, generated client, built pages, agent bundle.
// Plain JavaScript without dependencies, because it runs on whatever Node is there, before anything is installed.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PROJECT = fileURLToPath(new URL("..", import.meta.url));
const STAMPS = join(PROJECT, "node_modules", ".cache", "culvert");
const NODE_MAJOR_MIN = 20;
const LOG_LINES_SHOWN = 25;
const NODE_24 = join(PROJECT, "node_modules", "node", "bin", "node");

/** What each step depends on, and what must exist for it to count as done. */
const STEPS = {
  install: {
    title: "Installing dependencies (once; about a minute)",
    inputs: ["package.json", "package-lock.json"],
    results: ["node_modules/node/bin/node", "node_modules/next/package.json"],
    command: () => [process.execPath, npmProgram(), "ci", "--include=dev"],
  },
  generate: {
    title: "Generating the database client",
    inputs: ["package-lock.json", "prisma", "scripts/generate.mjs"],
    results: ["server/db/generated"],
    command: () => [NODE_24, "scripts/generate.mjs"],
  },
  pages: {
    title: "Building the dashboard (about a minute)",
    inputs: [
      "package-lock.json",
      "next.config.ts",
      "postcss.config.mjs",
      "tsconfig.json",
      "app",
      "components",
      "protocol",
      "prisma",
      "server",
      "public",
    ],
    results: [".next/BUILD_ID"],
    command: () => [NODE_24, "node_modules/next/dist/bin/next", "build"],
  },
  agent: {
    title: "Bundling the agent",
    inputs: ["package-lock.json", "agent", "mux", "protocol", "scripts/build-agent.ts"],
    results: ["public/agent/culvert-agent.mjs"],
    command: () => [NODE_24, "scripts/build-agent.ts"],
  },
  chart: {
    title: "Packing the agent's Helm chart",
    inputs: ["deploy/helm/culvert-agent", "scripts/build-chart.ts", "scripts/deploy"],
    results: ["public/deploy/culvert-agent.tgz"],
    command: () => [NODE_24, "scripts/build-chart.ts"],
  },
};

/** Files that are made by a step, or change nothing: not part of what it depends on. */
const IGNORED =
  /(^|\/)(generated|agent\/culvert-agent\.mjs|deploy\/culvert-agent\.tgz)(\/|$)|\.test\.tsx?$/;

/**
 * Runs the named steps whose inputs changed since they last succeeded.
 *
 * @param {readonly (keyof typeof STEPS)[]} names
 */
export function prepare(names) {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < NODE_MAJOR_MIN) {
    stop(`Culvert needs Node ${NODE_MAJOR_MIN} or newer; this is ${process.versions.node}.`);
  }
  for (const name of names) runStep(name, STEPS[name]);
}

function runStep(name, step) {
  const hash = hashOf(step.inputs);
  const stamp = join(STAMPS, name);
  const isDone =
    step.results.every((path) => existsSync(join(PROJECT, path))) &&
    existsSync(stamp) &&
    readFileSync(stamp, "utf8") === hash;
  if (isDone) return;

  const startedAt = Date.now();
  process.stdout.write(`  ${step.title} … `);
  const [program, ...args] = step.command();
  const result = spawnSync(program, args, {
    cwd: PROJECT,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: "1" },
  });
  if (result.error !== undefined || result.status !== 0) fail(name, result);
  try {
    mkdirSync(STAMPS, { recursive: true });
    writeFileSync(stamp, hash);
  } catch (error) {
    stop(`Cannot write to ${STAMPS}: ${error.code}.`);
  }
  process.stdout.write(`${Math.round((Date.now() - startedAt) / 1000)} s\n`);
}

function fail(name, result) {
  const text = `${result.stdout ?? ""}${result.stderr ?? ""}${result.error?.message ?? ""}`;
  const log = join(tmpdir(), `culvert-${name}.log`);
  process.stdout.write("failed\n");
  if (/EACCES|EROFS|EPERM/.test(text)) {
    stop(`The step "${name}" may not write in ${PROJECT}: make the folder writable for this user.`);
  }
  process.stderr.write(`${text.trimEnd().split("\n").slice(-LOG_LINES_SHOWN).join("\n")}\n`);
  try {
    writeFileSync(log, text);
  } catch {
    // The lines above say enough when even the temporary folder is closed to us.
  }
  stop(`The step "${name}" failed; all it printed is in ${log}.`);
}

function npmProgram() {
  const program = process.env.npm_execpath;
  if (program === undefined || !existsSync(program)) {
    stop("npm was not found: run this through npm (npm start, npm test).");
  }
  return program;
}

function hashOf(inputs) {
  const hash = createHash("sha256").update(process.platform + process.arch);
  for (const file of inputs.flatMap((input) => filesBelow(input))) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(PROJECT, file)))
      .update("\0");
  }
  return hash.digest("hex");
}

function filesBelow(path) {
  const absolute = join(PROJECT, path);
  if (IGNORED.test(path) || !existsSync(absolute)) return [];
  if (!statSync(absolute).isDirectory()) return [path];
  return readdirSync(absolute)
    .sort()
    .flatMap((name) => filesBelow(`${path}/${name}`));
}

function stop(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}
