// `npm test`: every check and every suite, each even when one before it failed, then one line with the sum.
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { hasProgram } from "../e2e/services/harness/external.ts";

const RESULTS = "test-results";
const BIN = join("node_modules", ".bin");

const CHECKS = [
  ["types", "npm", ["run", "--silent", "typecheck"]],
  ["lint", "npm", ["run", "--silent", "lint"]],
  ["format", "npm", ["run", "--silent", "format:check"]],
  ["import directions", "npm", ["run", "--silent", "deps"]],
  ["unused code", "npm", ["run", "--silent", "knip"]],
  ["database drift", "npm", ["run", "--silent", "db:check"]],
  ["generated files", "npm", ["run", "--silent", "generated:check"]],
];

const SUITES = [
  { name: "unit", args: vitest("unit", "browser-components"), read: readVitest },
  { name: "integration", args: vitest("integration"), read: readVitest },
  { name: "kubernetes", args: vitest("kubernetes"), read: readVitest, mayRunNothing: true },
  { name: "services", args: vitest("services"), read: readVitest },
  {
    name: "e2e",
    args: [join(BIN, "playwright"), "test"],
    read: readPlaywright,
  },
];

function vitest(...projects) {
  const [name] = projects;
  return [
    join(BIN, "vitest"),
    "run",
    ...projects.flatMap((project) => ["--project", project]),
    "--reporter=dot",
    "--reporter=json",
    `--outputFile.json=${RESULTS}/${name}.json`,
  ];
}

function readVitest(report) {
  return {
    passed: report.numPassedTests,
    // A file that could not even be loaded has no failed test, and is a failed suite.
    failed: Math.max(report.numFailedTests, Math.min(1, report.numFailedTestSuites)),
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

function readPlaywright(report) {
  const { expected, unexpected, flaky, skipped } = report.stats;
  return { passed: expected, failed: unexpected + flaky, skipped };
}

function run(title, program, args) {
  const startedAt = Date.now();
  process.stdout.write(`\n── ${title}\n`);
  const result = spawnSync(program, args, { stdio: ["ignore", "inherit", "inherit"] });
  const seconds = Math.round((Date.now() - startedAt) / 1000);
  process.stdout.write(`── ${title}: ${result.status === 0 ? "ok" : "FAILED"} in ${seconds} s\n`);
  return result.status === 0;
}

/** A suite that died before it wrote its report, or ran nothing, counts as one failure. */
function counted(suite, isOk) {
  try {
    const report = JSON.parse(readFileSync(`${RESULTS}/${suite.name}.json`, "utf8"));
    const counts = suite.read(report);
    const hasRunNothing = counts.passed === 0 && !(suite.mayRunNothing && counts.skipped > 0);
    const isSilentFailure = counts.failed === 0 && (!isOk || hasRunNothing);
    return isSilentFailure ? { ...counts, failed: 1 } : counts;
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

/** What the tests run of other projects and this machine has not, each with Debian's package of it. */
function missingPrograms() {
  return readFileSync(join(".ci", "packages.txt"), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(/\s+/))
    .filter(([program]) => !hasProgram(program))
    .map(([program, pkg]) => `${program} (Debian: ${pkg})`);
}

// The first build takes minutes and little attention: it runs beside everything else, and its suite waits for it.
spawn(join(BIN, "node"), ["scripts/build-test-programs.ts"], {
  stdio: ["ignore", "ignore", "inherit"],
});

rmSync(RESULTS, { recursive: true, force: true });
mkdirSync(RESULTS, { recursive: true });

const total = { passed: 0, failed: 0, skipped: 0 };
for (const [title, program, args] of CHECKS) {
  total[run(title, program, args) ? "passed" : "failed"] += 1;
}
for (const suite of SUITES) {
  // Playwright empties the folder of results when it starts.
  const counts = counted(suite, run(suite.name, suite.args[0], suite.args.slice(1)));
  for (const key of Object.keys(total)) total[key] += counts[key];
}

if (total.skipped > 0) process.stdout.write(`\n${total.skipped} skipped; each says why above.\n`);
const missing = missingPrograms();
if (missing.length > 0) process.stdout.write(`Not installed here: ${missing.join(", ")}\n`);
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
process.exitCode = total.failed === 0 ? 0 : 1;
