// Builds the API server that the Kubernetes tests run against, so that it is there when they start.
import { findApiServer } from "#e2e/kubernetes/harness/find-api-server.ts";

const HELP = `Usage: node scripts/build-test-apiserver.ts

Builds kube-apiserver and etcd from Go modules into the user's cache folder, unless they are there: about ten minutes the
first time. Does nothing where the tests use another API server, or none; see docs/testing.md.
`;

if (process.argv.includes("--help")) process.stdout.write(HELP);
else await findApiServer();
