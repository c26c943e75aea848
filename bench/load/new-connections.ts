import { connectTo } from "../static-read-socket.ts";
import { REQUEST } from "../wire.ts";
import type { NewConnectionsJob } from "./job.ts";

const HELLO = Buffer.of(REQUEST.echo, 0x21);

export interface NewConnections {
  readonly perSecond: number;
  readonly failed: number;
}

/** How many connections a second can be opened, used for one byte and closed in order. */
export async function measureNewConnections(job: NewConnectionsJob): Promise<NewConnections> {
  const startMs = performance.now();
  const endMs = startMs + job.seconds * 1000;
  const tally = { opened: 0, failed: 0 };
  const worker = async (): Promise<void> => {
    while (performance.now() < endMs) {
      if (await openOne(job.port)) tally.opened += 1;
      else tally.failed += 1;
    }
  };
  await Promise.all(Array.from({ length: job.concurrency }, worker));
  const seconds = (performance.now() - startMs) / 1000;
  return { perSecond: tally.opened / seconds, failed: tally.failed };
}

function openOne(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    let hasAnswer = false;
    const socket = connectTo(port, () => {
      hasAnswer = true;
      socket.end();
    });
    socket.on("end", () => socket.end());
    socket.on("error", () => socket.destroy());
    socket.on("close", () => resolve(hasAnswer));
    socket.write(HELLO);
  });
}
