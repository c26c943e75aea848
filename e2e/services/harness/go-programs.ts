import { join } from "node:path";
import { buildGoProgram, type GoProgram } from "../../../scripts/build-go-program.ts";
import { findGo } from "../../kubernetes/harness/go.ts";

const FOLDER = join(import.meta.dirname, "..");

/** The gRPC server and client of `grpc-lab`. @returns the program's path. */
export const buildGrpcLab = (): Promise<string> =>
  build({ name: "grpc-lab", folder: join(FOLDER, "grpc-lab"), package: "." });

/** h2spec, as its module is pinned in `h2spec/go.mod`. @returns the program's path. */
export const buildH2spec = (): Promise<string> =>
  build({
    name: "h2spec",
    folder: join(FOLDER, "h2spec"),
    package: "github.com/summerwind/h2spec/cmd/h2spec",
  });

function build(program: GoProgram): Promise<string> {
  const go = findGo();
  if (go === null) throw new Error("there is no `go` here");
  return buildGoProgram(go, program);
}
