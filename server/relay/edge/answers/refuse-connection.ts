import { randomUUID } from "node:crypto";
import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { EDGE_ERRORS, type EdgeErrorCode } from "#protocol/api/http-figures.ts";
import { toEdgeAnswer } from "./edge-answer.ts";

/** Answers on a connection that has no request that could be read, and ends it. */
export function refuseConnection(socket: Duplex, code: EdgeErrorCode): void {
  const { status } = EDGE_ERRORS[code];
  const answer = toEdgeAnswer({
    code,
    detail: null,
    requestId: randomUUID(),
    accept: undefined,
    method: "GET",
  });
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`];
  const headers = [...answer.headers, "Connection", "close"];
  for (let i = 0; i + 1 < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`);
  socket.on("error", () => {
    // The client hung up before it was told.
  });
  socket.end(`${lines.join("\r\n")}\r\n\r\n${answer.body}`);
}
