import { randomUUID } from "node:crypto";
import type { Duplex } from "node:stream";
import { EDGE_ERRORS, type EdgeErrorCode } from "#protocol/api/http-figures.ts";
import { toEdgeAnswer } from "./edge-answer.ts";
import { hangUp } from "./hang-up.ts";
import { toHeadText } from "./head-text.ts";

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
  const head = toHeadText(status, [...answer.headers, "Connection", "close"]);
  socket.on("error", () => {
    // The client hung up before it was told.
  });
  socket.write(`${head}${answer.body}`);
  hangUp(socket);
}
