import { MUX_LIMITS } from "#mux/limits.ts";
import { MuxSession } from "#mux/session/mux-session.ts";
import { dialSocket } from "#mux/socket/large-read-socket.ts";
import type { MuxStream } from "#mux/stream/mux-stream.ts";
import { pump } from "#mux/stream/pump.ts";
import { dialWebSocket } from "#mux/transport/websocket/dial.ts";
import { announceReady } from "../child.ts";

/** An agent that is nothing but its data path. */
const [hubPort, servicePort] = process.argv.slice(2).map(Number);
const OBSERVER = { onClose: () => undefined };
const DIAL_TIMEOUT_MS = 5000;

async function forward(stream: MuxStream): Promise<void> {
  const target = { host: "127.0.0.1", port: servicePort ?? 0 };
  try {
    const socket = await dialSocket({ target, timeoutMs: DIAL_TIMEOUT_MS, keepAliveMs: 0 });
    pump({ socket, stream, observer: OBSERVER });
  } catch {
    // The client sees its connection cut and counts it as failed.
    stream.reset();
  }
}

const result = await dialWebSocket({
  url: new URL(`ws://127.0.0.1:${hubPort ?? 0}/`),
  headers: {},
  handler: { onText: () => undefined, onClose: () => process.exit(0) },
  maxTextBytes: 1024,
  closeTimeoutMs: 1000,
  keepAliveMs: 0,
  handshakeTimeoutMs: DIAL_TIMEOUT_MS,
});
if (result.kind !== "connected") throw new Error(`the relay is not there: ${result.kind}`);
new MuxSession({
  transport: result.link.binary,
  role: "client",
  windowBytes: Number(process.env["BENCH_WINDOW_BYTES"] ?? MUX_LIMITS.windowBytes),
  keepAliveIntervalMs: null,
  onStream: (stream) => void forward(stream),
  onClose: () => undefined,
});
announceReady({});
