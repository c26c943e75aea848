// Before `npm start` and `npm test`: everything that has to be there, and nothing that is there already.
import { prepare } from "./prepare.mjs";

if (process.argv.includes("--help")) {
  process.stdout.write(
    "Installs, generates and builds what changed. Runs by itself before npm start and npm test.\n",
  );
} else {
  prepare(["install", "generate", "pages", "agent", "chart"]);
}
