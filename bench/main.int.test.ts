import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import { runChild, type RunningChild, startChild } from "./child.ts";
import type { ContentCheck } from "./load/check-content.ts";
import type { Datagrams } from "./load/datagrams.ts";
import type { Goodput } from "./load/goodput.ts";
import type { HttpMaximum, HttpRate } from "./load/http-rate.ts";
import type { Job } from "./load/job.ts";
import type { RoundTrip } from "./load/round-trip.ts";
import type { CrowdFigures, WebSocketFigures } from "./load/web-sockets.ts";
import { MUX_PATH } from "./paths/mux.ts";

const MAIN = new URL("main.ts", import.meta.url).pathname;
const LOAD = new URL("load/main.ts", import.meta.url).pathname;

async function startService(): Promise<RunningChild> {
  const service = await startChild({
    script: new URL("service/main.ts", import.meta.url).pathname,
  });
  onTestFinished(() => service.stop());
  return service;
}

function load<T>(job: Job): Promise<T> {
  return runChild<T>({ script: LOAD, args: [JSON.stringify(job)] });
}

it("explains itself", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, "--help"]);
  expect(stdout).toContain("npm run bench");
});

it("refuses a path that it does not know", async () => {
  const run = promisify(execFile)(process.execPath, [MAIN, "--path", "carrier-pigeon"]);
  await expect(run).rejects.toMatchObject({ code: 1 });
});

it("carries the checked content through the data path in processes of its own, and measures it", async () => {
  const service = await startService();
  const path = await MUX_PATH.start({ port: service.ready["port"] ?? 0, udpPort: 0 });
  onTestFinished(() => path.stop());
  const { port } = path;
  expect(await load<ContentCheck>({ kind: "check", port })).toEqual({ isIntact: true });
  for (const direction of ["up", "down"] as const) {
    const job: Job = { kind: "goodput", port, direction, connections: 2, seconds: 0.3 };
    expect((await load<Goodput>(job)).gigabitsPerSecond).toBeGreaterThan(0);
  }
  const trip = await load<RoundTrip>({ kind: "round-trip", port, seconds: 0.2 });
  expect(trip.p99Us).toBeGreaterThanOrEqual(trip.p50Us);
});

it("sends datagrams at the asked rate and counts those that come back", async () => {
  const service = await startService();
  const port = service.ready["udpPort"] ?? 0;
  const job: Job = { kind: "datagrams", port, perSecond: 500, seconds: 0.4 };
  const { sent, echoed, p50Us, p99Us } = await load<Datagrams>(job);
  expect(sent).toBeGreaterThan(150);
  expect(sent).toBeLessThanOrEqual(201);
  expect(echoed).toBe(sent);
  expect(p99Us).toBeGreaterThanOrEqual(p50Us);
});

it("asks by HTTP and WebSocket through a proxy, as fast as it can and at the asked rate", async () => {
  const service = await startChild({
    script: new URL("http/service.ts", import.meta.url).pathname,
  });
  onTestFinished(() => service.stop());
  const proxy = await startChild({
    script: new URL("http/one-hop-proxy.ts", import.meta.url).pathname,
    args: [String(service.ready["port"])],
  });
  onTestFinished(() => proxy.stop());
  const target = { port: proxy.ready["port"] ?? 0, host: "bench.test" };
  const path = "/large";
  const most: Job = { kind: "http-maximum", target, path, warmUpRequests: 100, seconds: 0.3 };
  const maximum = await load<HttpMaximum>(most);
  expect(maximum.perSecond).toBeGreaterThan(0);
  const rate: Job = { kind: "http-rate", target, path, perSecond: 50, seconds: 0.4 };
  expect(await load<HttpRate>(rate)).toMatchObject({ unanswered: 0, perSecond: 50 });
  const socket = await load<WebSocketFigures>({ kind: "web-socket", target, seconds: 0.2 });
  expect(socket.megabytesPerSecond).toBeGreaterThan(0);
  const crowd: Job = {
    kind: "web-socket-crowd",
    target,
    connections: 5,
    perSecond: 50,
    seconds: 0.4,
  };
  expect(await load<CrowdFigures>(crowd)).toMatchObject({ unanswered: 0, perSecond: 50 });
});
