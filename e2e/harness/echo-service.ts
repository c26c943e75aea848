import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { createInterface } from "node:readline";

export interface EchoService {
  readonly port: number;
  /** Stops listening and drops everybody, as a host that goes down does. */
  stop(): Promise<void>;
}

/** A real TCP service that answers each line with its own name and the line. */
export async function startEcho(name: string, host: string, port = 0): Promise<EchoService> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    createInterface({ input: socket })
      .on("error", () => socket.destroy())
      .on("line", (line) => socket.write(`${name} ${line}\n`));
    socket.on("error", () => socket.destroy());
  });
  server.listen(port, host);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.resetAndDestroy();
      await closed;
    },
  };
}

/** A client of it that stays connected. */
export class EchoClient {
  readonly #socket: Socket;
  #lines: string[] = [];
  #wake = (): void => {};
  #error: Error | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const fail = (error: Error) => {
      this.#error ??= error;
      this.#wake();
    };
    socket.on("error", fail);
    socket.on("close", () => fail(new Error("closed")));
    createInterface({ input: socket })
      .on("error", fail)
      .on("line", (line) => {
        this.#lines.push(line);
        this.#wake();
      });
  }

  /** Fails when nobody answers there. */
  static async connect(endpoint: string): Promise<EchoClient> {
    const [host, port] = endpoint.split(":");
    const socket = connect({ host: host ?? "", port: Number(port), timeout: 3_000 });
    socket.once("timeout", () => socket.destroy(new Error("timeout")));
    await once(socket, "connect");
    socket.setTimeout(0);
    return new EchoClient(socket);
  }

  /** Sends a line and returns who answered it. Fails when the connection is over, or after ten seconds. */
  async ask(line: string): Promise<string> {
    this.#socket.write(`${line}\n`);
    const timer = setTimeout(() => {
      this.#error ??= new Error("no answer");
      this.#wake();
    }, 10_000);
    try {
      for (;;) {
        const answer = this.#lines.shift();
        if (answer !== undefined) return answer.replace(` ${line}`, "");
        if (this.#error !== null) throw this.#error;
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.#socket.destroy();
  }
}
