import { startChild } from "./child.ts";
import { type DatagramFigures, measureDatagramsOf } from "./measure-datagrams.ts";
import { type ConnectionFigures, measurePath } from "./measure-path.ts";
import type { BenchPath, BenchService, RunningPath } from "./paths/path.ts";

export interface StreamFigures {
  readonly path: string;
  /** Null when not asked for. */
  readonly connections: ConnectionFigures | null;
  /** Null when not asked for, and where UDP is not carried. */
  readonly datagrams: DatagramFigures | null;
}

export interface StreamMeasureOptions {
  readonly paths: readonly BenchPath[];
  /** Of each measurement. */
  readonly seconds: number;
  readonly hasConnections: boolean;
  readonly hasDatagrams: boolean;
  readonly onStep: (what: string) => void;
  readonly onFailure: (path: string, error: unknown) => void;
}

/** Measures TCP and UDP on one path after the other. One that does not work is told of and left out. */
export async function measureStreams(options: StreamMeasureOptions): Promise<StreamFigures[]> {
  const service = await startChild({
    script: new URL("service/main.ts", import.meta.url).pathname,
  });
  const { port = 0, udpPort = 0 } = service.ready;
  const figures: StreamFigures[] = [];
  try {
    for (const path of options.paths) {
      const measured = await measureOne(path, { port, udpPort }, options);
      if (measured !== null) figures.push(measured);
    }
  } finally {
    await service.stop();
  }
  return figures;
}

async function measureOne(
  path: BenchPath,
  service: BenchService,
  options: StreamMeasureOptions,
): Promise<StreamFigures | null> {
  const { seconds, onFailure } = options;
  const onStep = (what: string): void => options.onStep(`${path.name}: ${what}`);
  let running: RunningPath | null = null;
  try {
    running = await path.start(service);
    return {
      path: path.name,
      connections: options.hasConnections
        ? await measurePath({ path: running, seconds, onStep })
        : null,
      datagrams: options.hasDatagrams ? await measureDatagramsOf(running, seconds, onStep) : null,
    };
  } catch (error) {
    onFailure(path.name, error);
    return null;
  } finally {
    await running?.stop();
  }
}
