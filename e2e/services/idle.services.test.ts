import { readdirSync } from "node:fs";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startChild, type RunningChild } from "../../bench/child.ts";
import { hold } from "../../bench/measure-memory.ts";
import { ConnectionPage } from "#protocol/api/connections.ts";
import { TunnelDto } from "#protocol/api/tunnels.ts";
import { eventually, PROJECT } from "../harness/process.ts";
import { PortLab } from "./harness/port-lab.ts";
import { residentKib } from "./harness/memory.ts";

/** As many as one tunnel, and one agent, carry unless they are told otherwise. */
const CONNECTIONS = 10_000;
const WARM_UP_CONNECTIONS = 200;
/** Relay and agent together; measured at 19 KiB. */
const CONNECTION_KIB_MAX = 100;
/** What a relay may have open for others: our own questions to the API come through it. */
const OTHER_SOCKETS = 8;

let service: RunningChild;
let lab: PortLab;

beforeAll(async () => {
  service = await startChild({ script: `${PROJECT}/bench/service/main.ts` });
  const { port = 0 } = service.ready;
  lab = await PortLab.start([{ name: "echo", protocol: "TCP", port: 7, target: port }]);
});

afterAll(async () => {
  await lab.stop();
  await service.stop();
});

/** Waits until the API counts so many connections. */
const waitForOpen = (count: number): Promise<true> =>
  eventually(`${count} connections are open`, async () => {
    const { connections } = await lab.server.api(TunnelDto, `/tunnels/${lab.tunnel("echo").id}`);
    return connections.open === count || undefined;
  });

describe("TCP with a real agent", () => {
  it("carries 10,000 idle connections at once, refuses one more, and nothing is left of them", async () => {
    const port = lab.port("echo");
    const pids = [lab.relayPid(), lab.agentPid()];
    const sockets = () => pids.map((pid) => readdirSync(`/proc/${pid}/fd`).length);
    // In a process of its own: its sockets count against the limit of open files, too. Each was answered by the service.
    const warmUp = await hold({
      kind: "hold",
      load: "idle",
      port,
      connections: WARM_UP_CONNECTIONS,
    });
    await warmUp.stop();
    await waitForOpen(0);
    const socketsBefore = sockets();
    const kibBefore = residentKib(pids);

    const clients = await hold({ kind: "hold", load: "idle", port, connections: CONNECTIONS });
    await waitForOpen(CONNECTIONS);
    const kibEach = (residentKib(pids) - kibBefore) / CONNECTIONS;
    process.stdout.write(
      `memory of an idle TCP connection, relay and agent: ${kibEach.toFixed(1)} KiB\n`,
    );
    expect(kibEach).toBeLessThan(CONNECTION_KIB_MAX);

    const oneMore = connect(port, "127.0.0.1").on("error", () => {});
    await eventually("one more is refused", async () => {
      const query = `tunnelId=${lab.tunnel("echo").id}&state=closed&limit=1`;
      const { items } = await lab.server.api(ConnectionPage, `/connections?${query}`);
      return items[0]?.closeReason === "limit_reached" || undefined;
    });
    oneMore.destroy();

    await clients.stop();
    await waitForOpen(0);
    await eventually("relay and agent have closed their sockets", async () => {
      const now = sockets();
      return now.every((count, n) => count <= (socketsBefore[n] ?? 0) + OTHER_SOCKETS) || undefined;
    });
  });
});
