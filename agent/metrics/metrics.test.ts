import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ForwarderCounters } from "../forward/forwarder-counters.ts";
import { createAgentCounters } from "./agent-counters.ts";
import { DurationHistogram } from "./duration-histogram.ts";
import { renderMetrics } from "./exposition.ts";
import { LabelledCounts } from "./labelled-counts.ts";
import { AGENT_METRICS } from "./metric-table.ts";
import { readMetrics, type MetricSources } from "./read-metrics.ts";

function sourcesOf(over: Partial<MetricSources> = {}): MetricSources {
  return {
    version: "1.2.3",
    uptimeSeconds: 7,
    memoryBytes: 1_000,
    lagSeconds: 0.5,
    isReady: true,
    connections: { wanted: 2, links: [{ relayId: "rl_1", rttMs: 20 }], trouble: null },
    counters: createAgentCounters(),
    forwarder: new ForwarderCounters(),
    sessions: new ForwarderCounters(),
    datagrams: { in: 0, out: 0, dropped: 0 },
    inventory: {
      generation: 3,
      source: "files",
      kubernetesVersion: null,
      gatewayApi: null,
      loadBalancers: [],
      gateways: [],
      problems: [],
    },
    resources: null,
    ...over,
  };
}

const render = (over: Partial<MetricSources> = {}): string[] =>
  renderMetrics(readMetrics(sourcesOf(over))).split("\n");

describe("the agent's metrics", () => {
  it("tells each known one once, with its kind and its help", () => {
    const lines = render();
    for (const [name, { type }] of Object.entries(AGENT_METRICS)) {
      if (name.startsWith("culvert_agent_kubernetes_") && type === "gauge") continue;
      expect(lines.filter((line) => line === `# TYPE ${name} ${type}`)).toHaveLength(1);
      expect(lines.filter((line) => line.startsWith(`# HELP ${name} `))).toHaveLength(1);
    }
    expect(lines).toContain('culvert_agent_info{version="1.2.3"} 1');
    expect(lines).toContain("culvert_agent_link_round_trip_seconds 0.02");
    // A reason that never happened is 0, not absent.
    expect(lines).toContain('culvert_agent_connections_failed_total{reason="refused"} 0');
  });

  it("leaves out what is not known", () => {
    const lines = render({ connections: { wanted: 1, links: [], trouble: null } });
    for (const name of ["link_round_trip_seconds", "kubernetes_nodes", "kubernetes_pods"]) {
      expect(lines.filter((line) => line.includes(`culvert_agent_${name}`))).toEqual([]);
    }
  });

  it("names only the labels that its table names", () => {
    const { counters } = sourcesOf();
    counters.links.lost.add({ reason: "silent" });
    counters.links.registrationErrors.add({ reason: "token_refused" });
    counters.kubernetes.requests.add({ verb: "list", resource: "gateways", status: "200" });
    counters.kubernetes.watchEvents.add({ kind: "Gateway", event: "ADDED" });
    counters.kubernetes.feedbackWrites.add({ what: "event", outcome: "written" });
    for (const line of render({ counters })) {
      const match = /^(culvert_agent_[a-z_]+)\{(.*)\} /.exec(line);
      if (match === null) continue;
      const [, name = "", pairs = ""] = match;
      const spec = Object.entries(AGENT_METRICS).find(([known]) => name === known)?.[1];
      const labels = [...pairs.matchAll(/(\w+)="/g)].map(([, label]) => label);
      expect(labels).toEqual(name.endsWith("_bucket") ? ["le"] : spec?.labels);
    }
  });

  it("counts a route of several listeners once", () => {
    const route = {
      kind: "TCPRoute",
      namespace: "shop",
      name: "db",
      accepted: true,
      reason: "Accepted",
      message: "",
    };
    const listener = (port: number) => ({
      name: `tcp-${port}`,
      port,
      protocol: "tcp" as const,
      hostname: null,
      routes: [route],
      backends: [],
      problem: null,
      problemCode: null,
    });
    const gateway = {
      namespace: "shop",
      name: "edge",
      addresses: [],
      routingMode: null,
      idleTimeoutMs: null,
      listeners: [listener(1), listener(2)],
    };
    const { inventory } = sourcesOf();
    const lines = render({ inventory: { ...inventory, gateways: [gateway] } });
    expect(lines).toContain('culvert_agent_discovered{kind="Listener"} 2');
    expect(lines).toContain('culvert_agent_discovered{kind="TCPRoute"} 1');
  });

  it("tells nodes and pods where somebody reads them", () => {
    const lines = render({
      resources: {
        at: "2026-01-01T00:00:00.000Z",
        kubernetesVersion: "v1.36.0",
        nodes: { total: 3, ready: 2, unschedulable: 0, kubeletVersions: [] },
        capacity: null,
        pods: { total: 9, running: 5, pending: 4, succeeded: 0, failed: 0 },
        services: null,
        namespaces: null,
        problems: [],
      },
    });
    expect(lines).toContain('culvert_agent_kubernetes_nodes{state="ready"} 2');
    expect(lines).toContain('culvert_agent_kubernetes_pods{phase="pending"} 4');
  });

  it("stands in docs/agent.md as the code has it", () => {
    const document = readFileSync(new URL("../../docs/agent.md", import.meta.url), "utf8").replace(
      / +/g,
      " ",
    );
    for (const [name, { type, labels, help }] of Object.entries(AGENT_METRICS)) {
      const names = labels.map((label) => `\`${label}\``).join(", ");
      expect(document).toContain(
        `| \`${name}\` | ${type} | ${names === "" ? "–" : names} | ${help} |`,
      );
    }
    expect(document.match(/^\| `culvert_agent_/gm)).toHaveLength(Object.keys(AGENT_METRICS).length);
  });
});

describe("LabelledCounts", () => {
  it("lists seeds as 0 and counts what is added", () => {
    const counts = new LabelledCounts([{ reason: "a" }]);
    counts.add({ reason: "b" });
    counts.add({ reason: "b" });
    expect(counts.list()).toEqual([
      { labels: { reason: "a" }, count: 0 },
      { labels: { reason: "b" }, count: 2 },
    ]);
  });

  it("keeps no more sets than its bound", () => {
    const counts = new LabelledCounts<"status">();
    for (let index = 0; index <= 500; index += 1) counts.add({ status: String(index) });
    expect(counts.list()).toHaveLength(500);
  });
});

describe("DurationHistogram", () => {
  it("counts in each bucket what took no longer, and the rest in the sum alone", () => {
    const histogram = new DurationHistogram([1, 10]);
    for (const seconds of [0.5, 1, 5, 100]) histogram.observe(seconds);
    expect(histogram.cumulative()).toEqual([
      { boundSeconds: 1, count: 2 },
      { boundSeconds: 10, count: 3 },
    ]);
    expect([histogram.count, histogram.sumSeconds]).toEqual([4, 106.5]);
  });

  it("is written with its end at infinity", () => {
    const forwarder = new ForwarderCounters();
    forwarder.durations.observe(1e9);
    const lines = render({ forwarder });
    const name = "culvert_agent_connection_duration_seconds";
    expect(lines).toContain(`${name}_bucket{le="86400"} 0`);
    expect(lines).toContain(`${name}_bucket{le="+Inf"} 1`);
    expect(lines).toContain(`${name}_count 1`);
  });
});
