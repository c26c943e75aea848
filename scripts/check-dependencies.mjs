// Checks the import directions with dependency-cruiser, and fails when it cruised nothing: a wrong setting would
// otherwise look like success.
import { cruise } from "dependency-cruiser";
import extractConfig from "dependency-cruiser/config-utl/extract-depcruise-config";
import extractTsConfig from "dependency-cruiser/config-utl/extract-ts-config";

const MODULES_MIN = 50;
const folders = ["app", "agent", "bin", "components", "demo", "mux", "protocol", "server"];

const config = await extractConfig("./.dependency-cruiser.cjs");
const { output } = await cruise(
  folders,
  { ...config.options, ruleSet: { forbidden: config.forbidden }, validate: true },
  undefined,
  { tsConfig: extractTsConfig("./tsconfig.json") },
);
if (typeof output === "string") throw new Error("dependency-cruiser answered with text");

for (const violation of output.summary.violations) {
  console.error(`${violation.rule.name}: ${violation.from} → ${violation.to}`);
}
const cruised = output.summary.totalCruised;
console.log(`${cruised} modules, ${output.summary.violations.length} violations`);
if (cruised < MODULES_MIN)
  console.error(`Fewer than ${MODULES_MIN} modules: the check saw nothing.`);
process.exitCode = cruised < MODULES_MIN || output.summary.violations.length > 0 ? 1 : 0;
