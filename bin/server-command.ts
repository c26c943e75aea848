import { StartError, startSupervisor, type RunningSupervisor } from "#server/main.ts";

/** Two SIGINTs within this time are one Ctrl-C. */
const ONE_KEY_PRESS_MS = 1_000;

export interface ServerCommandOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isDev: boolean;
}

/** `culvert server`: runs until it is told to stop. @returns the exit code. */
export async function serverCommand(options: ServerCommandOptions): Promise<number> {
  let server: RunningSupervisor;
  try {
    server = await startSupervisor({
      ...options,
      // Indented between empty lines, so that it stands out from the log.
      onNotice: (text) => process.stdout.write(`\n  ${text}\n`),
    });
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
  let signals = 0;
  let interruptedAt = Number.NEGATIVE_INFINITY;
  const onSignal = (signal: NodeJS.Signals): void => {
    // One Ctrl-C under npm comes twice: from the terminal, and passed on by npm.
    if (signal === "SIGINT" && performance.now() - interruptedAt < ONE_KEY_PRESS_MS) return;
    interruptedAt = performance.now();
    signals += 1;
    if (signals === 1) return void server.stop();
    // Asked twice: at once.
    server.kill();
    process.exit(1);
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
  void server.ready.then(() => {
    process.stdout.write(`\n  Culvert is ready at ${server.publicUrl}\n\n`);
  });
  const sentence = await server.stopped;
  if (sentence === null) {
    process.stdout.write("\n  Stopped.\n");
    return 0;
  }
  process.stderr.write(`${sentence}\n`);
  return 1;
}
