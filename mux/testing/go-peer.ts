import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const SOURCE_FOLDER = join(import.meta.dirname, "hashicorp");

/** Why the original cannot be tested against here; null when it can. */
export function whyNoGo(): string | null {
  const found = spawnSync("go", ["version"], { stdio: "ignore" });
  return found.status === 0 ? null : "there is no `go` on the PATH to build HashiCorp's yamux with";
}

/** Builds the Go program, once; Go's own cache makes the next build quick. */
export function buildGoPeer(): string {
  const program = join(mkdtempSync(join(tmpdir(), "culvert-hashicorp-")), "hashicorp");
  const built = spawnSync("go", ["build", "-o", program, "."], {
    cwd: SOURCE_FOLDER,
    encoding: "utf8",
  });
  if (built.status !== 0) throw new Error(`go build failed: ${built.stderr}`);
  return program;
}

/** What the original sends, as the Go program writes it down. */
export function printGoldenFrames(program: string): string {
  const { status, stdout, stderr } = spawnSync(program, ["golden"], { encoding: "utf8" });
  if (status !== 0) throw new Error(`golden frames failed: ${stderr}`);
  return stdout;
}

export interface GoPeerOptions {
  readonly program: string;
  readonly role: "client" | "server";
  readonly windowBytes?: number;
  readonly closeTimeoutMs?: number;
}

export interface GoAnswer {
  readonly op: string;
  readonly error?: string;
  readonly value: number;
}

/** The original on the other end of a TCP socket. */
export class GoPeer {
  readonly socket: Socket;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #waiting: ((answer: GoAnswer) => void)[] = [];

  constructor(child: ChildProcess, socket: Socket) {
    this.#child = child;
    this.#exited = once(child, "exit");
    this.socket = socket;
    if (child.stdout === null) throw new Error("the Go program has no output");
    createInterface(child.stdout).on("line", (line) => {
      this.#waiting.shift()?.(JSON.parse(line) as GoAnswer);
    });
  }

  /** Has the original do something; see `hashicorp/service.go`. */
  ask(command: Readonly<Record<string, string | number>>): Promise<GoAnswer> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#child.stdin?.write(`${JSON.stringify(command)}\n`);
    });
  }

  /** Ends the original in its own time. Idempotent. */
  async stop(): Promise<void> {
    this.#child.stdin?.end();
    await this.#exited;
    this.socket.destroy();
  }
}

/** Starts the original and waits until it has dialled. */
export async function startGoPeer(options: GoPeerOptions): Promise<GoPeer> {
  const listener = createServer({ noDelay: true });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const address = listener.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const args = ["peer", "-addr", `127.0.0.1:${address.port}`, "-role", options.role];
  if (options.windowBytes !== undefined) args.push("-window", String(options.windowBytes));
  if (options.closeTimeoutMs !== undefined) {
    args.push("-close-timeout", String(options.closeTimeoutMs));
  }
  const child = spawn(options.program, args, { stdio: ["pipe", "pipe", "ignore"] });
  const [socket] = (await once(listener, "connection")) as [Socket];
  listener.close();
  return new GoPeer(child, socket);
}
