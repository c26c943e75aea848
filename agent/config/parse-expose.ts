import { isIPv6 } from "node:net";
import type { Expose } from "../discovery/expose/expose-source.ts";

const EXAMPLE =
  "--expose must look like NAME=tcp://HOST:PORT, NAME=http://HOST:PORT or NAME=h2c://HOST:PORT, for example db=tcp://127.0.0.1:5432";
const SCHEMES = ["tcp", "http", "h2c"] as const satisfies readonly Expose["scheme"][];
const SHAPE = /^(?<name>[^=]+)=(?<scheme>[a-z][a-z0-9]*):\/\/(?<host>.+):(?<port>\d{1,5})\/?$/i;

/** Reads `NAME=tcp://HOST:PORT`, `NAME=http://…` or `NAME=h2c://…`. @returns a sentence when it is wrong. */
export function parseExpose(text: string): Expose | string {
  const groups = SHAPE.exec(text.trim())?.groups;
  if (groups === undefined) return `${EXAMPLE}.`;
  const { name = "", scheme = "", host: rawHost = "", port: rawPort = "" } = groups;
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) {
    return "--expose: a name consists of lower-case letters, digits and hyphens.";
  }
  const known = SCHEMES.find((item) => item === scheme.toLowerCase());
  if (known === undefined) return `${EXAMPLE}; ${scheme} is none of these.`;
  const host = rawHost.replace(/^\[(.*)\]$/, "$1");
  if (!isHost(host)) return `--expose ${name}: the host is neither a name nor an address.`;
  const port = Number(rawPort);
  if (port < 1 || port > 65_535) return `--expose ${name}: the port must be 1 to 65535.`;
  return { name, scheme: known, host, port };
}

function isHost(host: string): boolean {
  return isIPv6(host) || /^[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/.test(host);
}
