import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { findFreePort } from "../../harness/process.ts";
import { runTool, startExternal } from "./external.ts";

export interface Redis {
  readonly port: number;
  stop(): Promise<void>;
}

/** A real Redis on loopback that keeps everything in memory. */
export async function startRedis(): Promise<Redis> {
  const port = await findFreePort();
  const server = await startExternal({
    command: "redis-server",
    args: ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
    isReady: async () => {
      const { out } = await runTool("redis-cli", ["-p", String(port), "PING"]);
      return out.toString().trim() === "PONG";
    },
  });
  return { port, stop: () => server.stop() };
}

/** One connection that speaks RESP by hand, for what no client program does: values that are never whole in memory. */
export class RedisConnection {
  readonly #socket: Socket;
  #text = "";

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding("latin1");
    socket.on("error", () => undefined);
    socket.on("data", (text: string) => {
      this.#text += text;
    });
  }

  static async open(port: number): Promise<RedisConnection> {
    const socket = connect({ host: "127.0.0.1", port });
    await once(socket, "connect");
    return new RedisConnection(socket);
  }

  async write(bytes: Uint8Array | string): Promise<void> {
    if (!this.#socket.write(bytes)) await once(this.#socket, "drain");
  }

  /** The next line of an answer, without its end; null when the server hung up. */
  async line(): Promise<string | null> {
    for (;;) {
      const at = this.#text.indexOf("\r\n");
      if (at >= 0) {
        const line = this.#text.slice(0, at);
        this.#text = this.#text.slice(at + 2);
        return line;
      }
      if (this.#socket.closed) return null;
      await Promise.race([once(this.#socket, "data"), once(this.#socket, "close")]);
    }
  }

  close(): void {
    this.#socket.destroy();
  }
}
