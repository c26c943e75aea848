import { once } from "node:events";
import { WebSocket, WebSocketServer } from "ws";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../harness/process.ts";
import { HttpLab, type Site } from "./harness/http-lab.ts";
import { startHttpService, type HttpBackend } from "./harness/http-service.ts";
import { residentKib } from "./harness/memory.ts";

const COUNT = 1_000;
const WARM_UP_COUNT = 100;
/** Opened at a time; the kernel's backlog is not what is looked at. */
const BATCH = 50;
const ROUNDS = 5;
/** Of relay and agent each: REQUIREMENTS B12. Measured at 47 and 22 KiB. */
const KIB_MAX = 100;
const DEADLINE_MS = 30_000;

let echo: HttpBackend;
let webSockets: WebSocketServer;
let lab: HttpLab;
let site: Site;

beforeAll(async () => {
  echo = await startHttpService();
  webSockets = new WebSocketServer({ server: echo.server, perMessageDeflate: false });
  webSockets.on("connection", (socket) => {
    socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  lab = await HttpLab.start({ services: [{ name: "crowd", port: echo.port }] });
  site = lab.site("crowd");
});

afterAll(async () => {
  for (const socket of webSockets.clients) socket.terminate();
  await lab.stop();
  await echo.close();
});

async function openMany(count: number): Promise<WebSocket[]> {
  const sockets: WebSocket[] = [];
  for (let left = count; left > 0; left -= BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, left) }, () => openOne());
    sockets.push(...(await Promise.all(batch)));
  }
  return sockets;
}

async function openOne(): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${site.port}/`, {
    headers: { host: site.host },
    perMessageDeflate: false,
    handshakeTimeout: DEADLINE_MS,
  });
  await once(socket, "open");
  return socket;
}

async function ask(socket: WebSocket, text: string): Promise<string> {
  const answer = once(socket, "message", { signal: AbortSignal.timeout(DEADLINE_MS) });
  socket.send(text);
  const [data] = (await answer) as [Buffer];
  return data.toString();
}

async function closeAll(sockets: readonly WebSocket[]): Promise<void> {
  await Promise.all(
    sockets.map(async (socket) => {
      const closed = once(socket, "close");
      socket.close(1000);
      await closed;
    }),
  );
}

const memory = () => ({
  relay: residentKib([lab.relayPid()]),
  agent: residentKib([lab.agentPid()]),
});

describe(`${COUNT} WebSockets at once`, () => {
  it("each get their own answers, cost little, and are counted and let go", async () => {
    await closeAll(await openMany(WARM_UP_COUNT));
    const before = memory();
    const sockets = await openMany(COUNT);
    for (let round = 0; round < ROUNDS; round += 1) {
      const answers = await Promise.all(sockets.map((socket, n) => ask(socket, `${round}/${n}`)));
      expect(answers).toEqual(sockets.map((_, n) => `${round}/${n}`));
    }
    const after = memory();
    const kib = (name: "relay" | "agent") => (after[name] - before[name]) / COUNT;
    process.stdout.write(
      `memory of an open WebSocket: relay ${kib("relay").toFixed(1)} KiB, agent ${kib("agent").toFixed(1)} KiB\n`,
    );
    expect(kib("relay")).toBeLessThan(KIB_MAX);
    expect(kib("agent")).toBeLessThan(KIB_MAX);
    await eventually("the tunnel shows them and their messages", async () => {
      const { http } = await lab.tunnelNow();
      const isAll = (http?.messages.out ?? 0) >= COUNT * ROUNDS;
      return http?.webSocketsOpen === COUNT && isAll ? true : undefined;
    });
    await closeAll(sockets);
    await eventually("the tunnel shows none", async () =>
      (await lab.tunnelNow()).http?.webSocketsOpen === 0 ? true : undefined,
    );
  });
});
