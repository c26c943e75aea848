export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** One line for each fact an operator may need. Sentences are constant; what varies is in the fields. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds the same fields to every line. */
  child(fields: LogFields): Log;
}

export interface LogOptions {
  readonly level: LogLevel;
  /** `text` for people, `json` for collectors. */
  readonly format: "text" | "json";
  readonly write: (line: string) => void;
  readonly now: () => Date;
}

/** Field names whose values never reach a log. */
const SECRET = /authorization|cookie|token|secret|password|kubeconfig/i;

/** The agent's own logger: it ships to other people's machines, where every dependency weighs. */
export function createLog(options: LogOptions, bound: LogFields = {}): Log {
  const threshold = LOG_LEVELS.indexOf(options.level);
  const line = (level: LogLevel, message: string, fields: LogFields = {}): void => {
    if (LOG_LEVELS.indexOf(level) < threshold) return;
    const all = clean({ ...bound, ...fields });
    const time = options.now().toISOString();
    const text =
      options.format === "json"
        ? JSON.stringify({ time, level, message, ...all })
        : `${time} ${level.toUpperCase().padEnd(5)} ${message}${describe(all)}`;
    options.write(`${text}\n`);
  };
  return {
    debug: (message, fields) => line("debug", message, fields),
    info: (message, fields) => line("info", message, fields),
    warn: (message, fields) => line("warn", message, fields),
    error: (message, fields) => line("error", message, fields),
    child: (fields) => createLog(options, { ...bound, ...fields }),
  };
}

function clean(fields: LogFields): Record<string, string | number | boolean | null> {
  const all: Record<string, string | number | boolean | null> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) all[name] = SECRET.test(name) ? "[hidden]" : value;
  }
  return all;
}

function describe(fields: Record<string, string | number | boolean | null>): string {
  return Object.entries(fields)
    .map(([name, value]) => ` ${name}=${quote(String(value))}`)
    .join("");
}

/** Other sides' words may hold line breaks; one fact stays one line. */
function quote(text: string): string {
  return /^[\w.:/@+-]+$/.test(text) ? text : JSON.stringify(text);
}
