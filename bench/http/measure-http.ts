import { startChild } from "../child.ts";
import { Lineup } from "./lineup.ts";
import { measureRequests, type RequestFigures } from "./measure-requests.ts";
import { measureWebSockets, type WebSocketPathFigures } from "./measure-web-sockets.ts";
import { HTTP_PATHS } from "./paths.ts";

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

/** Measures every path, side by side, with one service and a fresh load generator each time. */
export async function measureHttp(options: HttpMeasureOptions): Promise<HttpFigures[]> {
  const service = await startChild({ script: new URL("service.ts", import.meta.url).pathname });
  const servicePort = service.ready["port"] ?? 0;
  const lineup = await Lineup.start(HTTP_PATHS, { ...options, servicePort });
  const { seconds, hasRequests, hasWebSockets } = options;
  try {
    // First, while the heaps are small: later, WebSockets would live in memory that requests left free.
    const webSockets = hasWebSockets ? await measureWebSockets(lineup, seconds) : null;
    const requests = hasRequests ? await measureRequests(lineup, seconds) : null;
    return lineup.names.map((path) => ({
      path,
      requests: requests?.get(path) ?? null,
      webSockets: webSockets?.get(path) ?? null,
    }));
  } finally {
    await lineup.stop();
    await service.stop();
  }
}
