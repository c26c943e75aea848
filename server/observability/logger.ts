import process from "node:process";
import { pino, type DestinationStream, type Logger } from "pino";
import { LogOutput } from "./log-output.ts";
import { toTextLines } from "./text-lines.ts";

export type { Logger } from "pino";

export interface LoggerOptions {
  readonly level: string;
  /** `text` for people, `json` for collectors. Default: text on a terminal, else JSON. */
  readonly format?: "text" | "json" | undefined;
  /** Which of our programs speaks: `supervisor`, `web`, `relay`, `agent`. */
  readonly name: string;
  /** Where lines go; standard output when not given. */
  readonly destination?: DestinationStream;
}

/** Field names whose values never reach a log line, at the top and up to two levels down. */
export const REDACTED_FIELDS = [
  "authorization",
  "cookie",
  "set-cookie",
  "x-api-key",
  "token",
  "apiKey",
  "secret",
  "channelSecret",
  "password",
  "kubeconfig",
  "DATABASE_URL",
  "CULVERT_SECRET",
  "CULVERT_CHANNEL_SECRET",
  "CULVERT_ADMIN_PASSWORD",
  "CULVERT_TOKEN",
] as const;

const paths = REDACTED_FIELDS.flatMap((field) => {
  const key = `["${field}"]`;
  return [key, `*${key}`, `*.*${key}`];
});

/**
 * Creates a program's root logger: one line for each event (in text, the stack of an error below it), times in
 * ISO form, secrets left out.
 */
export function createLogger(options: LoggerOptions): Logger {
  const settings = {
    name: options.name,
    level: options.level,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths, censor: "[redacted]" },
  };
  const isTerminal = options.destination === undefined && process.stdout.isTTY;
  const format = options.format ?? (isTerminal ? "text" : "json");
  const output = options.destination ?? openStandardOutput();
  return pino(settings, format === "text" ? toTextLines(output) : output);
}

function openStandardOutput(): LogOutput {
  const output = new LogOutput(process.stdout.fd);
  process.once("exit", () => output.flushSync());
  return output;
}
