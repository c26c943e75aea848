import { isIPv6 } from "node:net";
import type { Expose } from "../discovery/expose/expose-source.ts";

const EXAMPLE =
  "must look like NAME=tcp://HOST:PORT, NAME=http://HOST:PORT or NAME=h2c://HOST:PORT, without a path: for example db=tcp://127.0.0.1:5432";
const SCHEMES = ["tcp", "http", "h2c"] as const satisfies readonly Expose["scheme"][];
const SHAPE = /^(?<name>[^=]+)=(?<scheme>[a-z][a-z0-9]*):\/\/(?<host>.+):(?<port>\d{1,5})\/?$/i;
/** How much of a wrong value is repeated, characters. */
const SHOWN_MAX = 80;

/** Reads `NAME=tcp://HOST:PORT`, `NAME=http://…` or `NAME=h2c://…`. @returns a sentence that names it when it is wrong. */
export function parseExpose(text: string): Expose | string {
  const given = `--expose ${show(text)}`;
  const groups = SHAPE.exec(text.trim())?.groups;
  if (groups === undefined) return `${given} ${EXAMPLE}.`;
  const { name = "", scheme = "", host: rawHost = "", port: rawPort = "" } = groups;
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) {
    return `${given}: a name consists of lower-case letters, digits and hyphens.`;
  }
  const known = SCHEMES.find((item) => item === scheme.toLowerCase());
  if (known === undefined) return `${given} ${EXAMPLE}; ${scheme} is none of these.`;
  const host = rawHost.replace(/^\[(.*)\]$/, "$1");
  if (!isHost(host)) return `${given}: the host is neither a name nor an address.`;
  const port = Number(rawPort);
  if (port < 1 || port > 65_535) return `${given}: the port must be 1 to 65535.`;
  return { name, scheme: known, host, port };
}

/** As it was written, on one line; a password before the host is nobody's to read. */
function show(text: string): string {
  const line = text
    .trim()
    .replace(/\s+/g, " ")
    .replace(/\/\/[^/]*@/, "//…@");
  return line.length > SHOWN_MAX ? `${line.slice(0, SHOWN_MAX)}…` : line;
}

function isHost(host: string): boolean {
  return isIPv6(host) || /^[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/.test(host);
}
