import { findApiServer } from "./harness/find-api-server.ts";

/** Builds the API server before any test's time runs. */
export default async function setup(): Promise<void> {
  const source = await findApiServer();
  if (source.kind === "none")
    process.stderr.write(`Kubernetes is not tested here: ${source.why}.\n`);
}
