import { createServer } from "node:http";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { describe, expect, it, onTestFinished } from "vitest";
import { TunnelId } from "#protocol/api/ids.ts";
import { LiveState } from "#server/services/live-state.ts";
import { seedLiveState } from "#server/services/live/seed-live-state.ts";
import type { MetricDelta } from "#server/services/metrics/metric-rollup.ts";
import { storeCounters } from "#server/services/metrics/store-metrics.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import { setupCluster } from "#server/services/testing/connect-agent.ts";
import { VIEWER, setupServices, tcpListener } from "#server/services/testing/setup-services.ts";
import { listTunnels } from "#server/services/tunnels/list-tunnels.ts";
import { startRelays } from "./start-relays.ts";
import { FakeRelay } from "./testing/fake-relay.ts";
import { until } from "./testing/until.ts";

const SECRET = "a secret of the relay channel";

async function setup() {
  const services = await setupServices();
  onTestFinished(() => services.close());
  await setupCluster(services, [tcpListener(1)]);
  const [tunnel] = (await listTunnels(services.context, VIEWER, { limit: 1 })).items;
  const tunnelId = TunnelId.parse(tunnel?.id);
  const folder = await mkdtemp(join(tmpdir(), "culvert-figures-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  /** What the series gets: bytes towards the service, report by report. */
  const counted: number[] = [];

  /** One start of the web process: what is live begins empty, but for what was stored. */
  const startWeb = async () => {
    const context: ServiceContext = { ...services.context, live: new LiveState() };
    await seedLiveState(context);
    const relays = startRelays({
      context,
      channelSecret: SECRET,
      count: (deltas: readonly MetricDelta[]) => {
        for (const { bytesIn } of deltas) counted.push(bytesIn);
      },
      log: pino({ level: "silent" }),
    });
    const controlSocket = join(folder, "control.sock");
    const server = createServer().on("upgrade", relays.onUpgrade);
    await new Promise<void>((resolve) => server.listen(controlSocket, resolve));
    let isStopped = false;
    const stop = async () => {
      if (isStopped) return;
      isStopped = true;
      server.close();
      await relays.close();
    };
    onTestFinished(stop);
    const totals = () => context.live.counters.totalsOf(tunnelId).bytesIn;
    const connect = (bytesIn: number) =>
      FakeRelay.connect({ controlSocket, secret: SECRET }, { counters: [countersOf(bytesIn)] });
    return { context, stop, totals, connect };
  };
  const countersOf = (bytesIn: number) => ({
    tunnelId,
    bytesIn,
    bytesOut: 0,
    opened: 0,
    failed: 0,
    open: 0,
  });
  const report = (relay: FakeRelay, bytesIn: number) =>
    relay.send({
      type: "counters",
      at: services.context.now().getTime(),
      tunnels: [countersOf(bytesIn)],
      connections: [],
      memoryBytes: 1,
    });
  return { services, startWeb, report, counted };
}

describe("bytes carried while the web process was away", () => {
  it("are in the totals, and a gap in the series, after it was started again", async () => {
    const { startWeb, report, counted, services } = await setup();
    const first = await startWeb();
    const relay = await first.connect(0);
    report(relay, 1_000);
    await until("counted", () => first.totals() === 1_000);
    await storeCounters(first.context);
    await first.stop();
    services.advance(2_000);
    const second = await startWeb();
    const back = await second.connect(5_000_000);
    await until("known", () => second.totals() === 5_000_000);
    report(back, 5_000_050);
    await until("counted", () => second.totals() === 5_000_050);
    expect(counted).toEqual([1_000, 50]);
  });

  it.each([
    ["in the series when only a moment was missed", 2_000, [1_000, 4_000, 50]],
    ["a gap in the series when more was missed", 60_000, [1_000, 50]],
  ])("or did not hear the relay are %s", async (_what, pauseMs, expected) => {
    const { startWeb, report, counted, services } = await setup();
    const web = await startWeb();
    const relay = await web.connect(0);
    report(relay, 1_000);
    await until("counted", () => web.totals() === 1_000);
    await relay.die();
    services.advance(pauseMs);
    const back = await web.connect(5_000);
    await until("known", () => web.totals() === 5_000);
    report(back, 5_050);
    await until("counted", () => web.totals() === 5_050);
    expect(counted).toEqual(expected);
  });
});
