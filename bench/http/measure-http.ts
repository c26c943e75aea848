import { startChild } from "../child.ts";
import type { HttpRate } from "../load/http-rate.ts";
import { type Maxima, measureMaxima, measureRates } from "./measure-requests.ts";
import {
  type HeldMemory,
  measureHeld,
  measureWebSockets,
  type WebSocketPathFigures,
} from "./measure-web-sockets.ts";
import { HTTP_PATHS, type NamedHttpPath } from "./paths.ts";

export interface RequestFigures {
  /** By what is asked for. */
  readonly maximum: Maxima;
  /** At fixed rates, the same for every path. */
  readonly rates: readonly HttpRate[];
}

/** Null is what was not asked for. */
export interface HttpFigures {
  readonly path: string;
  readonly requests: RequestFigures | null;
  readonly webSockets: WebSocketPathFigures | null;
}

export interface HttpMeasureOptions {
  /** Of each measurement. */
  readonly seconds: number;
  readonly hasRequests: boolean;
  readonly hasWebSockets: boolean;
  readonly onStep: (what: string) => void;
  readonly onFailure: (path: string, error: unknown) => void;
}

interface Begun {
  readonly path: NamedHttpPath;
  readonly memory: HeldMemory | null;
  readonly maximum: Maxima | null;
}

/** Measures every path, each with a service and a load generator of its own. */
export async function measureHttp(options: HttpMeasureOptions): Promise<HttpFigures[]> {
  const service = await startChild({ script: new URL("service.ts", import.meta.url).pathname });
  const running: NamedHttpPath[] = [];
  try {
    for (const httpPath of HTTP_PATHS) {
      const { name } = httpPath;
      try {
        const path = await httpPath.start(service.ready["port"] ?? 0);
        if (path === null) options.onStep(`${name} is not installed`);
        else running.push({ name, ...path });
      } catch (error) {
        options.onFailure(name, error);
      }
    }
    return await measureAll(running, options);
  } finally {
    for (const path of running.reverse()) await path.stop();
    await service.stop();
  }
}

async function measureAll(
  paths: readonly NamedHttpPath[],
  options: HttpMeasureOptions,
): Promise<HttpFigures[]> {
  const begun: Begun[] = [];
  for (const path of paths) {
    // Memory while the heaps are small: later, WebSockets would live in what requests left free.
    const memory = options.hasWebSockets ? await measureHeld(path, options) : null;
    const maximum = options.hasRequests ? await measureMaxima(path, options) : null;
    begun.push({ path, memory, maximum });
  }
  const slowest = Math.min(...begun.map(({ maximum }) => maximum?.["/small"].perSecond ?? 0));
  const figures: HttpFigures[] = [];
  for (const { path, memory, maximum } of begun) {
    const requests =
      maximum === null ? null : { maximum, rates: await measureRates(path, slowest, options) };
    const webSockets = memory === null ? null : await measureWebSockets(path, memory, options);
    figures.push({ path: path.name, requests, webSockets });
  }
  return figures;
}
