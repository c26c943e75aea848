import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import type { DatagramsJob } from "./job.ts";
import { quantile } from "./round-trip.ts";

const DATAGRAM_BYTES = 64;
/** As many clients, so that no single socket's buffer is what is measured. */
const CLIENTS = 10;
const BUFFER_BYTES = 4 * 1024 * 1024;
/** Answers may take so long after the last question. */
const GRACE_MS = 500;

export interface Datagrams {
  readonly sent: number;
  readonly echoed: number;
  /** What the generator really sent in a second. */
  readonly perSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

/** Sends at a fixed rate, whatever comes back, and counts what does. */
export async function measureDatagrams(job: DatagramsJob): Promise<Datagrams> {
  const timesUs: number[] = [];
  const clients = await Promise.all(Array.from({ length: CLIENTS }, (_, n) => bindClient(n)));
  for (const client of clients) {
    client.on("message", (datagram) =>
      timesUs.push((performance.now() - datagram.readDoubleLE(0)) * 1_000),
    );
  }
  // Associations are opened before anything counts.
  await Promise.all(clients.map((client) => knock(client, job.port)));
  timesUs.length = 0;
  const beginsAt = performance.now();
  let sent = 0;
  for (;;) {
    const elapsedMs = performance.now() - beginsAt;
    if (elapsedMs >= job.seconds * 1_000) break;
    for (const due = (elapsedMs / 1_000) * job.perSecond; sent < due; sent += 1) {
      clients[sent % CLIENTS]?.send(stamped(), job.port, "127.0.0.1");
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  const tookMs = performance.now() - beginsAt;
  await pause(GRACE_MS);
  for (const client of clients) client.close();
  const sorted = timesUs.sort((a, b) => a - b);
  return {
    sent,
    echoed: sorted.length,
    perSecond: (sent * 1_000) / tookMs,
    p50Us: quantile(sorted, 0.5),
    p99Us: quantile(sorted, 0.99),
  };
}

/** Opens associations that stay as they are until the process is stopped. */
export async function holdAssociations(port: number, count: number): Promise<void> {
  for (let opened = 0; opened < count; opened += CLIENTS) {
    const clients = await Promise.all(Array.from({ length: CLIENTS }, (_, n) => bindClient(n)));
    await Promise.all(clients.map((client) => knock(client, port)));
  }
}

/** Each on an address of its own: what one address may open is limited. */
async function bindClient(n: number): Promise<Socket> {
  const socket = createSocket({
    type: "udp4",
    recvBufferSize: BUFFER_BYTES,
    lookup: (host, _options, found) => found(null, host, 4),
  });
  // Its own look-up calls back at once, so `bind` does too.
  const listening = once(socket, "listening");
  socket.bind(0, `127.0.0.${n + 1}`);
  await listening;
  return socket;
}

async function knock(client: Socket, port: number): Promise<void> {
  client.send(stamped(), port, "127.0.0.1");
  await once(client, "message", { signal: AbortSignal.timeout(5_000) });
}

function stamped(): Buffer {
  const datagram = Buffer.alloc(DATAGRAM_BYTES);
  datagram.writeDoubleLE(performance.now(), 0);
  return datagram;
}
