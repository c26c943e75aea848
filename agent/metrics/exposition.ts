import type { DurationHistogram } from "./duration-histogram.ts";
import { AGENT_METRICS, type AgentMetric } from "./metric-table.ts";

export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What each metric stands at; null and absent ones are not known. */
export type Readings = {
  readonly [M in AgentMetric]: number | readonly Sample[] | DurationHistogram | null;
};

export const EXPOSITION_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Writes the text format of Prometheus, version 0.0.4. */
export function renderMetrics(readings: Readings): string {
  const lines: string[] = [];
  for (const [name, { type, help }] of Object.entries(AGENT_METRICS)) {
    const reading = readings[name as AgentMetric];
    if (reading === null) continue;
    lines.push(`# HELP ${name} ${help}.`, `# TYPE ${name} ${type}`);
    if (typeof reading === "number") lines.push(`${name} ${reading}`);
    else if ("cumulative" in reading) lines.push(...renderHistogram(name, reading));
    else for (const { labels = {}, value } of reading) lines.push(line(name, labels, value));
  }
  return `${lines.join("\n")}\n`;
}

function renderHistogram(name: string, histogram: DurationHistogram): readonly string[] {
  const buckets = histogram
    .cumulative()
    .map(({ boundSeconds, count }) => line(`${name}_bucket`, { le: String(boundSeconds) }, count));
  return [
    ...buckets,
    line(`${name}_bucket`, { le: "+Inf" }, histogram.count),
    `${name}_sum ${histogram.sumSeconds}`,
    `${name}_count ${histogram.count}`,
  ];
}

function line(name: string, labels: Readonly<Record<string, string>>, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escape(text)}"`);
  return pairs.length === 0 ? `${name} ${value}` : `${name}{${pairs.join(",")}} ${value}`;
}

function escape(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
