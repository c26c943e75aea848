import { once } from "node:events";
import type { Socket } from "node:net";
import { connectTo } from "../static-read-socket.ts";
import { REQUEST } from "../wire.ts";
import { startDownload, startUpload } from "./goodput.ts";
import type { HoldJob } from "./job.ts";

export interface Held {
  readonly isHeld: 1;
}

const OPENED_AT_A_TIME = 50;

/** Opens connections that stay as they are until the process is stopped. */
export async function holdConnections(job: HoldJob): Promise<Held> {
  for (let opened = 0; opened < job.connections; opened += OPENED_AT_A_TIME) {
    const batch = Math.min(OPENED_AT_A_TIME, job.connections - opened);
    await Promise.all(Array.from({ length: batch }, () => openOne(job)));
  }
  return { isHeld: 1 };
}

async function openOne(job: HoldJob): Promise<void> {
  const socket = await open(job);
  // The far end goes away when the bench is over.
  socket.on("error", () => socket.destroy());
}

async function open(job: HoldJob): Promise<Socket> {
  switch (job.load) {
    case "download":
      return startDownload(job.port).socket;
    case "upload":
      return startUpload(job.port).socket;
    case "stalled":
      return openStalled(job.port);
    case "idle":
      return openIdle(job.port);
  }
}

async function openStalled(port: number): Promise<Socket> {
  const socket = connectTo(port, () => undefined);
  socket.pause();
  await once(socket, "connect");
  socket.write(Buffer.of(REQUEST.source));
  return socket;
}

function openIdle(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectTo(port, () => resolve(socket));
    socket.once("error", reject);
    socket.write(Buffer.of(REQUEST.echo, 0x21));
  });
}
