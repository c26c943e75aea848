import { STATUS_CODES } from "node:http";
import type { RawHeaders } from "../../headers/raw-headers.ts";

/** The head of an answer of HTTP/1.1 as it goes out, one character a byte. */
export function toHeadText(status: number, headers: RawHeaders): string {
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`];
  for (let i = 0; i + 1 < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`);
  return `${lines.join("\r\n")}\r\n\r\n`;
}
