import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, findFreePort } from "../harness/process.ts";
import {
  runTool,
  startExternal,
  type ExternalServer,
  type ToolResult,
} from "./harness/external.ts";
import { describeGo, GO_BUILD_TIMEOUT_MS } from "./harness/describe-go.ts";
import { buildGrpcLab } from "./harness/go-programs.ts";
import { HttpLab } from "./harness/http-lab.ts";
import { backendRef, GATEWAY, hostOf, NAMESPACE } from "./harness/http-objects.ts";
import { isListening } from "./harness/is-listening.ts";

/** Of gRPC's own interoperability suite. */
const SUITE = [
  "empty_unary",
  "large_unary",
  "client_streaming",
  "server_streaming",
  "ping_pong",
  "empty_stream",
  "timeout_on_sleeping_server",
  "cancel_after_begin",
  "cancel_after_first_response",
  "custom_metadata",
  "status_code_and_message",
  "special_status_message",
];
const OWN = [
  "unimplemented",
  "status_details",
  "server_aborts",
  "large_messages",
  "concurrent_streams",
  "health_check",
  "health_watch",
  "reflection",
];

let program: string;
let service: ExternalServer;
let lab: HttpLab;

/** Only calls of the health service, and only its `Check`, lead anywhere under this name. */
const healthOnly = {
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "GRPCRoute",
  metadata: { namespace: NAMESPACE, name: "health-only" },
  spec: {
    parentRefs: [{ name: GATEWAY }],
    hostnames: [hostOf("health-only")],
    rules: [
      {
        matches: [{ method: { service: "grpc.health.v1.Health", method: "Check" } }],
        backendRefs: [backendRef("calls")],
      },
    ],
  },
};

/** Makes calls on one connection, each after the one before. */
function tryCalls(route: string, names: readonly string[]): Promise<ToolResult> {
  return runTool(program, ["call", `127.0.0.1:${lab.edgePort}`, hostOf(route), ...names]);
}

async function call(route: string, ...names: string[]): Promise<string[]> {
  const { code, out, err } = await tryCalls(route, names);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return out.toString().trim().split("\n");
}

describeGo("a gRPC server in Go", () => {
  beforeAll(async () => {
    program = await buildGrpcLab();
    const port = await findFreePort();
    service = await startExternal({
      command: program,
      args: ["serve", `127.0.0.1:${port}`],
      isReady: () => isListening(port),
    });
    lab = await HttpLab.start({
      services: [
        { name: "calls", port, route: "GRPCRoute" },
        { name: "plain", port, protocol: "h2c" },
        { name: "gone", port: null, route: "GRPCRoute" },
      ],
      objects: [healthOnly],
    });
  }, GO_BUILD_TIMEOUT_MS);

  afterAll(async () => {
    await lab?.stop();
    await service?.stop();
  });

  describe.each([
    ["a GRPCRoute", "calls"],
    ["an HTTPRoute to a Service of kubernetes.io/h2c", "plain"],
  ])("behind %s", (_name, route) => {
    it.each(SUITE)("passes %s of the interoperability suite", async (name) => {
      expect(await call(route, name)).toEqual([`ok ${name}`]);
    });

    it.each(OWN)("passes %s", async (name) => {
      expect(await call(route, name)).toEqual([`ok ${name}`]);
    });

    it("serves call after call on one connection", async () => {
      const names = ["empty_unary", "ping_pong", "status_details", "server_streaming"];
      expect(await call(route, ...names)).toEqual(names.map((name) => `ok ${name}`));
    });

    it("is told the client's deadline, and sees the call end with it", async () => {
      const before = service.log();
      await call(route, "deadline");
      await untilSaid(
        before,
        /hanging deadline=true within=true\nhung (DeadlineExceeded|Canceled)/,
      );
    });

    it("sees the client cancel a stream", async () => {
      const before = service.log();
      await call(route, "client_cancels");
      await untilSaid(before, /stream ended Canceled/);
    });
  });

  it("is reached by the methods that a GRPCRoute names, and by no other", async () => {
    const unimplemented = /code = Unimplemented/;
    expect(await call("health-only", "health_check")).toEqual(["ok health_check"]);
    expect((await tryCalls("health-only", ["health_watch"])).err).toMatch(unimplemented);
    expect((await tryCalls("health-only", ["reflection"])).err).toMatch(unimplemented);
  });

  it("is unavailable to its clients while it has no endpoint that is ready", async () => {
    const { code, err } = await tryCalls("gone", ["health_check"]);
    expect(code).toBe(1);
    expect(err).toMatch(/code = Unavailable/);
  });
});

/** Waits until the server has said it, after what it had said before. */
function untilSaid(before: string, pattern: RegExp): Promise<true> {
  return eventually(`the server says ${String(pattern)}`, async () =>
    pattern.test(service.log().slice(before.length)) ? true : undefined,
  );
}
