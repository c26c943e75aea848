import { once } from "node:events";
import type { Socket } from "node:net";
import { connectTo } from "../static-read-socket.ts";
import { REQUEST } from "../wire.ts";
import { holdAssociations } from "./datagrams.ts";
import { startDownload, startUpload } from "./goodput.ts";
import type { HoldJob } from "./job.ts";

export interface Held {
  readonly isHeld: 1;
}

type TcpLoad = Exclude<HoldJob["load"], "associations">;

const OPENED_AT_A_TIME = 50;

/** Opens connections that stay as they are until the process is stopped. */
export async function holdConnections(job: HoldJob): Promise<Held> {
  const { load, port, connections } = job;
  if (load === "associations") {
    await holdAssociations(port, connections);
    return { isHeld: 1 };
  }
  for (let opened = 0; opened < connections; opened += OPENED_AT_A_TIME) {
    const batch = Math.min(OPENED_AT_A_TIME, connections - opened);
    await Promise.all(Array.from({ length: batch }, () => openOne(port, load)));
  }
  return { isHeld: 1 };
}

async function openOne(port: number, load: TcpLoad): Promise<void> {
  const socket = await open(port, load);
  // The far end goes away when the bench is over.
  socket.on("error", () => socket.destroy());
}

async function open(port: number, load: TcpLoad): Promise<Socket> {
  switch (load) {
    case "download":
      return startDownload(port).socket;
    case "upload":
      return startUpload(port).socket;
    case "stalled":
      return openStalled(port);
    case "idle":
      return openIdle(port);
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
