import { spawn, type ChildProcess } from "node:child_process";

const READY_DEADLINE_MS = 120_000;

/** How one part of the server is run. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  /** Resolves when it answers; `line` is the first line that it prints. */
  readonly untilReady: (line: Promise<string>) => Promise<void>;
}

/** A process of the API server. It never outlives ours: its standard input is a pipe from us, and our exit kills it. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #log = "";

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#ended = new Promise((resolve) => child.once("close", () => resolve()));
    const onOurExit = () => child.kill("SIGKILL");
    process.once("exit", onOurExit);
    void this.#ended.then(() => process.off("exit", onOurExit));
    child.stderr?.on(
      "data",
      (chunk: Buffer) => (this.#log = (this.#log + chunk.toString()).slice(-4_000)),
    );
    child.stdin?.on("error", () => {}); // It ended first.
  }

  static async start({ program, args, untilReady }: Command): Promise<ServerProcess> {
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
    const started = new ServerProcess(child);
    const line = new Promise<string>((resolve) => {
      let text = "";
      child.stdout.on("data", (chunk: Buffer) => {
        text = (text + chunk.toString()).slice(0, 64 * 1024);
        const end = text.indexOf("\n");
        if (end !== -1) resolve(text.slice(0, end));
      });
    });
    let timer: NodeJS.Timeout | undefined;
    try {
      await Promise.race([
        untilReady(line),
        started.#ended.then(() => Promise.reject(new Error("it ended"))),
        new Promise((_resolve, reject) => {
          timer = setTimeout(() => reject(new Error("deadline")), READY_DEADLINE_MS);
        }),
      ]);
    } catch (error) {
      await started.end("SIGKILL");
      throw new Error(`${program} did not start: ${String(error)}\n${started.#log}`, {
        cause: error,
      });
    } finally {
      clearTimeout(timer);
    }
    return started;
  }

  /** Sends a signal and waits for the end. */
  async end(signal: NodeJS.Signals): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill(signal);
    await this.#ended;
  }

  /** Holds it where it is, as a machine without processor time would, or lets it go on. */
  hold(isHeld: boolean): void {
    this.#child.kill(isHeld ? "SIGSTOP" : "SIGCONT");
  }
}
