import type { DestinationStream } from "pino";
import { prettyFactory } from "pino-pretty";

// What others send may steer a terminal or look like lines of ours.
const CONTROLS = /[\u0000-\u001F\u007F-\u009F]/g;
const CONTROLS_BUT_LINES = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F]/g;

/** Puts log lines into words for people: one line each, errors with their stack below, indented. */
export function toTextLines(output: DestinationStream): DestinationStream {
  const format = prettyFactory({
    colorize: false,
    ignore: "pid,hostname",
    singleLine: true,
    // In ISO form already; shown as it is, without brackets.
    translateTime: false,
    customPrettifiers: { time: String },
    messageFormat: (log, key) => escape(typeof log[key] === "string" ? log[key] : "", CONTROLS),
  });
  return { write: (line) => output.write(escape(format(line), CONTROLS_BUT_LINES)) };
}

/** As JSON has them: `\u001b`. */
function escape(text: string, controls: RegExp): string {
  return text.replace(controls, (found) =>
    found === "\n" ? "\\n" : `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
