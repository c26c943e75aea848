import { parseArgs } from "node:util";
import { startChild } from "./child.ts";
import { measureHttp } from "./http/measure-http.ts";
import { formatHttpTables } from "./http/tables.ts";
import { measurePath, type PathFigures } from "./measure-path.ts";
import { CULVERT_PATH } from "./paths/culvert.ts";
import { DIRECT_PATH } from "./paths/direct.ts";
import { MUX_PATH } from "./paths/mux.ts";
import type { BenchPath, BenchService, RunningPath } from "./paths/path.ts";
import { PIPE_PATH } from "./paths/pipe.ts";
import { formatDatagramTable, formatTable } from "./table.ts";

const HELP = `npm run bench -- [options]

Measures what a connection gets on each path to the same service on this machine, side by side:
goodput on 1 and 8 connections each way, the round trip of 64 bytes alone and beside other load,
new connections a second, memory of an idle connection (all processes in between), and whether
256 MiB each way arrive intact. Where UDP is carried: the highest fixed rate of 64-byte datagrams
of which every one is echoed, their round trip, and memory of an association. Only ratios within one run mean anything.

Then HTTP through the edge beside a proxy of one hop in node:http, and HAProxy where it is installed: requests a second at
most, their time at fixed rates, WebSockets, and what each costs.

  --only WHAT      tcp (with UDP) or http
  --path NAMES     of TCP: some of direct, pipe, mux, culvert, separated by commas (default: all)
  --seconds N      length of each measurement (default: 3)
  --json           print JSON instead of a table
  --help           print this`;

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
      seconds: { type: "string", default: "3" },
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
  if (values.only !== undefined && values.only !== "tcp" && values.only !== "http") {
    throw new Error("--only takes tcp or http");
  }
  const streams = values.only === "http" ? [] : await measureStreams(paths, seconds);
  const http = values.only === "tcp" ? [] : await measureHttp({ seconds, onStep, onFailure });
  if (values.json) return console.log(JSON.stringify({ streams, http }, null, 2));
  const tables = [
    ...(streams.length > 0 ? [formatTable(streams), formatDatagramTable(streams)] : []),
    ...(http.length > 0 ? [formatHttpTables(http)] : []),
  ];
  console.log(tables.join("\n\n"));
}

async function measureStreams(paths: readonly BenchPath[], seconds: number) {
  const service = await startChild({
    script: new URL("service/main.ts", import.meta.url).pathname,
  });
  const figures: PathFigures[] = [];
  try {
    for (const path of paths) {
      const measured = await measure(path, toService(service.ready), seconds);
      if (measured !== null) figures.push(measured);
    }
  } finally {
    await service.stop();
  }
  return figures;
}

function onStep(what: string): void {
  console.error(what);
}

function onFailure(path: string, error: unknown): void {
  report(`${path} was not measured: ${toMessage(error)}`);
}

function toService(ready: Readonly<Record<string, number>>): BenchService {
  return { port: ready["port"] ?? 0, udpPort: ready["udpPort"] ?? 0 };
}

function findPath(name: string): BenchPath {
  const path = PATHS[name.trim()];
  if (path === undefined) {
    throw new Error(`no path is called ${name}; there are ${Object.keys(PATHS).join(", ")}`);
  }
  return path;
}

/** @returns null when the path does not work; the others are measured all the same. */
async function measure(
  path: BenchPath,
  service: BenchService,
  seconds: number,
): Promise<PathFigures | null> {
  let running: RunningPath | null = null;
  try {
    running = await path.start(service);
    return await measurePath({
      name: path.name,
      path: running,
      seconds,
      onStep: (what) => onStep(`${path.name}: ${what}`),
    });
  } catch (error) {
    onFailure(path.name, error);
    return null;
  } finally {
    await running?.stop();
  }
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
