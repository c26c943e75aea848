import { expect, it, onTestFinished } from "vitest";
import { ServedVersions } from "./served-versions.ts";
import { startScriptedServer } from "./testing/scripted-server.ts";

const GROUP = "/apis/gateway.networking.k8s.io";

/** A server that serves Gateway in the given versions, or fails with a status. */
async function setup() {
  const world = { versions: ["v1"], isReady: true, status: 200 };
  const looks: (number | null)[] = [];
  const server = await startScriptedServer(({ url, send, response }) => {
    const { pathname } = url;
    if (pathname === "/readyz") response.writeHead(world.isReady ? 200 : 500).end("ok");
    else if (world.status !== 200) send(world.status, {});
    else if (pathname !== GROUP) send(200, { resources: [{ name: "gateways", kind: "Gateway" }] });
    else if (world.versions.length === 0) send(404, {});
    else send(200, { versions: world.versions.map((version) => ({ version })) });
  });
  const versions = new ServedVersions({
    api: server.api,
    intervalMs: 20,
    confirmMs: 20,
    onLook: (error) => looks.push(error?.status ?? null),
  });
  onTestFinished(() => versions.close());
  versions.lookNow();
  const eventually = <T>(value: () => T) => expect.poll(value, { timeout: 15_000, interval: 5 });
  const gateway = () => versions.table?.get("Gateway");
  /** As many looks as a change may take, and some more. */
  const pass = async (): Promise<void> => {
    const from = looks.length;
    await eventually(() => looks.length - from).toBeGreaterThan(5);
  };
  return { world, versions, gateway, eventually, looks, pass };
}

it("follows versions as they come and go", async () => {
  const { world, gateway, eventually, versions } = await setup();
  await eventually(gateway).toEqual(["v1"]);
  expect(versions.table?.get("TCPRoute")).toEqual([]);
  world.versions = ["v1", "v1beta1"];
  await eventually(gateway).toEqual(["v1", "v1beta1"]);
  world.versions = [];
  await eventually(gateway).toEqual([]);
  world.versions = ["v1"];
  await eventually(gateway).toEqual(["v1"]);
});

it("takes nothing for gone while the server is not ready, or answers nothing", async () => {
  const { world, gateway, eventually, looks, pass } = await setup();
  await eventually(gateway).toEqual(["v1"]);
  Object.assign(world, { versions: [], isReady: false });
  await pass();
  expect(gateway()).toEqual(["v1"]);
  Object.assign(world, { isReady: true, status: 500 });
  await pass();
  expect(gateway()).toEqual(["v1"]);
  expect(looks).toContain(500);
  world.status = 200;
  await eventually(gateway).toEqual([]);
});

it("knows nothing before a server that starts is ready", async () => {
  const { world, versions, gateway, eventually, pass } = await setup();
  Object.assign(world, { versions: [], isReady: false });
  await pass();
  expect(versions.table).toBeNull();
  Object.assign(world, { versions: ["v1"], isReady: true });
  await eventually(gateway).toEqual(["v1"]);
});
