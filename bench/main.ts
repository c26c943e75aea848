import { parseArgs } from "node:util";
import { measureHttp } from "./http/measure-http.ts";
import { formatHttpTables } from "./http/tables.ts";
import { measureStreams } from "./measure-streams.ts";
import { CULVERT_PATH } from "./paths/culvert.ts";
import { DIRECT_PATH } from "./paths/direct.ts";
import { MUX_PATH } from "./paths/mux.ts";
import type { BenchPath } from "./paths/path.ts";
import { PIPE_PATH } from "./paths/pipe.ts";
import { formatStreamTables } from "./table.ts";
import { formatWanted } from "./wanted.ts";

const HELP = `npm run bench -- [options]

Measures what a connection gets on each path to the same service on this machine, side by side:
goodput on 1 and 8 connections each way, the round trip of 64 bytes alone and beside other load,
new connections a second, memory of an idle connection (all processes in between), and whether
256 MiB each way arrive intact. Where UDP is carried: the highest fixed rate of 64-byte datagrams
of which every one is echoed, their round trip, and memory of an association. Only ratios within one run mean anything.

Then HTTP through the edge beside a proxy of one hop in node:http, and HAProxy where it is installed: requests a second at
most, the processor time of each, their time at fixed rates, WebSockets, and what each costs. These paths run side by side
and are measured in turn, three times over; medians are printed.

  --only WHAT      one of tcp, udp, http, ws (WebSockets)
  --path NAMES     of TCP and UDP: some of direct, pipe, mux, culvert, separated by commas (default: all)
  --seconds N      length of each measurement (default: 2)
  --json           print JSON instead of a table
  --help           print this`;

const ONLY = ["tcp", "udp", "http", "ws"] as const;
type Only = (typeof ONLY)[number];

const PATHS: Readonly<Record<string, BenchPath>> = {
  direct: DIRECT_PATH,
  pipe: PIPE_PATH,
  mux: MUX_PATH,
  culvert: CULVERT_PATH,
};

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: "string" },
      path: { type: "string", default: Object.keys(PATHS).join(",") },
      seconds: { type: "string", default: "2" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const paths = values.path.split(",").map(findPath);
  const seconds = Number(values.seconds);
  if (!(seconds > 0 && seconds <= 60)) throw new Error("--seconds must be above 0 and at most 60");
  const only = values.only === undefined ? ONLY : [toOnly(values.only)];
  const has = (what: Only): boolean => only.includes(what);
  const base = { seconds, onStep, onFailure };
  const [hasConnections, hasDatagrams] = [has("tcp"), has("udp")];
  const streams =
    hasConnections || hasDatagrams
      ? await measureStreams({ ...base, paths, hasConnections, hasDatagrams })
      : [];
  const [hasRequests, hasWebSockets] = [has("http"), has("ws")];
  const http =
    hasRequests || hasWebSockets ? await measureHttp({ ...base, hasRequests, hasWebSockets }) : [];
  if (values.json) return console.log(JSON.stringify({ streams, http }, null, 2));
  const wanted = formatWanted({ streams, http });
  const tables = [...formatStreamTables(streams), ...formatHttpTables(http)];
  console.log([...tables, ...(wanted === null ? [] : [wanted])].join("\n\n"));
}

function toOnly(text: string): Only {
  const found = ONLY.find((one) => one === text);
  if (found === undefined) throw new Error(`--only takes one of ${ONLY.join(", ")}`);
  return found;
}

function onStep(what: string): void {
  console.error(what);
}

function onFailure(path: string, error: unknown): void {
  report(`${path} was not measured: ${toMessage(error)}`);
}

function findPath(name: string): BenchPath {
  const path = PATHS[name.trim()];
  if (path === undefined) {
    throw new Error(`no path is called ${name}; there are ${Object.keys(PATHS).join(", ")}`);
  }
  return path;
}

function report(message: string): void {
  console.error(message);
  process.exitCode = 1;
}

function toMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

try {
  await main();
} catch (error) {
  report(toMessage(error));
}
