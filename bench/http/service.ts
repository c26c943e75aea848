import { createServer, type AddressInfo, type Socket } from "node:net";
import type { IncomingMessage } from "node:http";
import { WebSocketServer } from "ws";
import { announceReady } from "../child.ts";
import { BODY_BYTES } from "./wire.ts";

/**
 * The HTTP service behind every path: answers with fixed bytes and looks at nothing but the path, so that it costs next to
 * nothing and every path costs the same of it. WebSockets are echoed.
 */
const ANSWERS = new Map(Object.entries(BODY_BYTES).map(([path, bytes]) => [path, toAnswer(bytes)]));
const NOT_FOUND = Buffer.from("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
const HEAD_END = "\r\n\r\n";

const webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
webSockets.on("connection", (client) => {
  client.on("message", (data, isBinary) => client.send(data, { binary: isBinary }));
});

function toAnswer(bytes: number): Buffer {
  const head = `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${bytes}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), Buffer.alloc(bytes, "x")]);
}

function serve(socket: Socket): void {
  let text = "";
  socket.on("error", () => socket.destroy());
  const onData = (chunk: Buffer): void => {
    text += chunk.toString("latin1");
    for (let end = text.indexOf(HEAD_END); end >= 0; end = text.indexOf(HEAD_END)) {
      const head = text.slice(0, end);
      text = text.slice(end + HEAD_END.length);
      const path = head.slice(head.indexOf(" ") + 1, head.indexOf(" HTTP/"));
      if (path !== "/ws") {
        socket.write(ANSWERS.get(path) ?? NOT_FOUND);
        continue;
      }
      socket.off("data", onData);
      webSockets.handleUpgrade(toRequest(head), socket, Buffer.from(text, "latin1"), (client) =>
        webSockets.emit("connection", client),
      );
      return;
    }
  };
  socket.on("data", onData);
}

/** As much of a request as `ws` looks at. */
function toRequest(head: string): IncomingMessage {
  const [, ...lines] = head.split("\r\n");
  const headers = Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf(":");
      return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
    }),
  );
  return { method: "GET", url: "/ws", headers } as unknown as IncomingMessage;
}

const server = createServer({ noDelay: true }, serve);
server.listen(0, "127.0.0.1", 4096, () => {
  announceReady({ port: (server.address() as AddressInfo).port });
});
