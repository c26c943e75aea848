// Builds what the tests run that is written in Go, so that it is there when they start.
import { findApiServer } from "#e2e/kubernetes/harness/find-api-server.ts";
import { findGo } from "#e2e/kubernetes/harness/go.ts";
import { buildGrpcLab, buildH2spec } from "#e2e/services/harness/go-programs.ts";

const HELP = `Usage: node scripts/build-test-programs.ts

Builds kube-apiserver and etcd, a gRPC server and h2spec from Go modules into the user's cache folder, unless they are there:
about ten minutes the first time. Does nothing where there is no Go, and builds no API server where the tests use another;
see docs/testing.md.
`;

if (process.argv.includes("--help")) process.stdout.write(HELP);
else {
  await findApiServer();
  if (findGo() !== null) {
    await buildGrpcLab();
    await buildH2spec();
  }
}
