import { buildHelm } from "../../scripts/deploy/build-helm.ts";
import { findApiServer } from "./harness/find-api-server.ts";
import { findGo } from "./harness/go.ts";

/** Builds the API server and Helm before any test's time runs. */
export default async function setup(): Promise<void> {
  const source = await findApiServer();
  const go = findGo();
  if (source.kind !== "none" && go !== null) await buildHelm(go);
  if (source.kind === "none")
    process.stderr.write(`Kubernetes is not tested here: ${source.why}.\n`);
}
