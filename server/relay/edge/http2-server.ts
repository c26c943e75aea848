import { randomUUID } from "node:crypto";
import {
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { RawHeaders } from "../headers/raw-headers.ts";
import { toEdgeAnswer } from "./answers/edge-answer.ts";
import { Http2Client } from "./client/http2-client.ts";
import { type EdgePortUser, HEADER_BYTES_MAX } from "./edge-port-user.ts";
import { headBytesOf } from "./headers/head-bytes.ts";

/** Requests of one connection at a time; what a client may send ahead of its reader, bytes. Choices. */
const STREAMS_MAX = 256;
const STREAM_WINDOW_BYTES = 256 * 1024;
const SESSION_WINDOW_BYTES = 4 * 1024 * 1024;
/** A connection without a stream is closed after this, milliseconds. */
const SESSION_IDLE_MS = 120_000;

/** The half of the edge's port that speaks HTTP/2. Connections are handed to it by the event "connection". */
export function createHttp2(user: EdgePortUser): Http2Server {
  const server = createServer({
    settings: {
      enablePush: false,
      maxConcurrentStreams: STREAMS_MAX,
      initialWindowSize: STREAM_WINDOW_BYTES,
      maxHeaderListSize: HEADER_BYTES_MAX,
    },
  });
  server.on("session", (session: ServerHttp2Session) => {
    session.setLocalWindowSize(SESSION_WINDOW_BYTES);
    session.setTimeout(SESSION_IDLE_MS, () => session.close());
    session.on("error", () => {
      // It closes next, with its streams.
    });
  });
  server.on(
    "stream",
    (stream: ServerHttp2Stream, fields: IncomingHttpHeaders, flags: number, raw: RawHeaders) => {
      const isEnded = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
      const client = new Http2Client(stream, { fields, raw, isEnded });
      // The bound of the settings holds from when the client has acknowledged them, which it need not do.
      if (headBytesOf(raw) > HEADER_BYTES_MAX) refuseHead(client, user);
      else user.onRequest(client);
    },
  );
  return server;
}

function refuseHead(client: Http2Client, user: EdgePortUser): void {
  user.onMalformed("the head is too large", client.peerAddress);
  const { status, headers, body } = toEdgeAnswer({
    code: "header_too_large",
    detail: null,
    requestId: randomUUID(),
    accept: client.header("accept"),
    method: client.method,
  });
  client.respond({ status, headers, isEmpty: false, mayHaveTrailers: false })?.end(body);
}
