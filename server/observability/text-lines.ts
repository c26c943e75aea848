import type { DestinationStream } from "pino";
import { prettyFactory } from "pino-pretty";

/** Puts log lines into words for people: one line each, errors with their stack below. */
export function toTextLines(output: DestinationStream): DestinationStream {
  const format = prettyFactory({
    colorize: false,
    ignore: "pid,hostname",
    translateTime: "SYS:HH:MM:ss.l",
    singleLine: true,
  });
  return { write: (line) => output.write(format(line)) };
}
