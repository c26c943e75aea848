import { afterAll, beforeAll, expect, it } from "vitest";
import { TunnelDto } from "#protocol/api/tunnels.ts";
import { eventually, type RunningProgram, startProgram } from "../harness/process.ts";
import { residentBytes } from "./harness/memory.ts";
import { PortLab } from "./harness/port-lab.ts";

const CROWD = "e2e/services/harness/tcp-crowd.ts";
const CONNECTIONS = 10_000;
const WARM_UP = 200;
/** Relay and agent together. */
const CONNECTION_KIB_MAX = 100;

let echo: RunningProgram;
let lab: PortLab;

beforeAll(async () => {
  echo = startProgram({ args: [CROWD, "echo"] });
  const [, port] = await echo.waitForOutput(/port (\d+)/);
  lab = await PortLab.start([{ name: "echo", protocol: "TCP", port: 7, target: Number(port) }]);
});

afterAll(async () => {
  await lab.stop();
  await echo.stop();
});

async function hold(count: number): Promise<RunningProgram> {
  const crowd = startProgram({ args: [CROWD, "hold", String(lab.port("echo")), String(count)] });
  await crowd.waitForOutput(/holding \d+/, 150_000);
  return crowd;
}

const openNow = async (): Promise<number> =>
  (await lab.server.api(TunnelDto, `/tunnels/${lab.tunnel("echo").id}`)).connections.open;

const seeOpen = (count: number): Promise<true> =>
  eventually(`${count} connections are counted`, async () =>
    (await openNow()) === count ? true : undefined,
  );

it("holds 10,000 idle TCP connections at once, and nothing is left of them", async () => {
  const warmUp = await hold(WARM_UP);
  await warmUp.stop();
  await seeOpen(0);
  const pids = [lab.relayPid(), lab.agentPid()];
  const memory = (): number => pids.reduce((sum, pid) => sum + residentBytes(pid), 0);
  const before = memory();
  const crowd = await hold(CONNECTIONS);
  await seeOpen(CONNECTIONS);
  const kibEach = (memory() - before) / CONNECTIONS / 1024;
  process.stdout.write(
    `memory of an idle TCP connection, relay and agent: ${kibEach.toFixed(1)} KiB\n`,
  );
  expect(kibEach).toBeLessThan(CONNECTION_KIB_MAX);
  await crowd.stop();
  await seeOpen(0);
});
