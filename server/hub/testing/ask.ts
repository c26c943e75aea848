import { type Agent, type IncomingHttpHeaders, request } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";

export interface Question {
  readonly host: string;
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly agent?: Agent;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly trailers: Readonly<NodeJS.Dict<string>>;
  readonly body: string;
}

/** Asks the edge by HTTP/1.1 and reads the whole answer. */
export function ask(edgePort: number, question: Question): Promise<Reply> {
  const { host, path = "/", method = "GET", headers = {}, body, agent } = question;
  return new Promise((resolve, reject) => {
    const asked = request({
      port: edgePort,
      host: "127.0.0.1",
      path,
      method,
      headers: { Host: host, ...headers },
      agent: agent ?? false,
    });
    asked.on("error", reject);
    asked.on("response", (answer) => {
      text(answer).then(
        (body) =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            trailers: answer.trailers,
            body,
          }),
        reject,
      );
    });
    asked.end(body);
  });
}

/** Sends bytes as they are, and reads until the edge hangs up. */
export function sendRaw(edgePort: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port: edgePort, host: "127.0.0.1" });
    const parts: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => void parts.push(chunk));
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(Buffer.concat(parts).toString("latin1")));
    socket.write(bytes, "latin1");
  });
}
