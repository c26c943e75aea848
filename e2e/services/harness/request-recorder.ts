import { createServer, type AddressInfo, type Socket } from "node:net";

export interface RecordedRequest {
  readonly method: string;
  readonly target: string;
  /** `name: value`, names in lower case. */
  readonly fields: readonly string[];
  readonly body: string;
  /** What followed the chunks, as `fields`. */
  readonly trailers: readonly string[];
}

const END_OF_HEAD = "\r\n\r\n";
const REQUEST_LINE = /^([A-Z]+) (\S+) HTTP\/1\.1$/;
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+): ([\t\x20-\x7e\x80-\xff]*)$/;
const ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n";

/**
 * A service that knows the narrowest HTTP/1.1 there is, and remembers what it was sent: requests that are well-formed to
 * the letter, and everything else as garbage.
 */
export class RequestRecorder {
  readonly requests: RecordedRequest[] = [];
  /** What could not be understood; any of it is a fault of whoever sent it. */
  readonly garbage: string[] = [];
  /** Requests that were cut off before they were whole, which nobody carries out. */
  readonly unfinished: string[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((socket) => this.#serve(socket));

  async start(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  /** Forgets what came so far. */
  clear(): void {
    this.requests.length = 0;
    this.garbage.length = 0;
    this.unfinished.length = 0;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    let pending = "";
    socket.on("data", (chunk: Buffer) => {
      pending += chunk.toString("latin1");
      for (;;) {
        const taken = takeRequest(pending);
        if (taken === null) return;
        if (typeof taken === "string") {
          this.garbage.push(taken);
          return void socket.destroy();
        }
        pending = pending.slice(taken.byteCount);
        this.requests.push(taken.request);
        socket.write(ANSWER);
      }
    });
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      this.#sockets.delete(socket);
      if (pending !== "") this.unfinished.push(pending);
    });
  }
}

interface Taken {
  readonly request: RecordedRequest;
  readonly byteCount: number;
}

/** @returns null while a request is not whole; the text itself where it is none. */
function takeRequest(text: string): Taken | string | null {
  const headEnd = text.indexOf(END_OF_HEAD);
  if (headEnd < 0) return null;
  const [requestLine = "", ...lines] = text.slice(0, headEnd).split("\r\n");
  const [, method, target] = REQUEST_LINE.exec(requestLine) ?? [];
  if (method === undefined || target === undefined) return text;
  const fields = toFields(lines);
  if (fields === null) return text;
  const taken = takeBody(text.slice(headEnd + END_OF_HEAD.length), fields);
  if (taken === null || taken === "garbage") return taken === null ? null : text;
  const { body, trailers, byteCount } = taken;
  return {
    request: { method, target, fields, body, trailers },
    byteCount: headEnd + END_OF_HEAD.length + byteCount,
  };
}

/** @returns null where one of them is none. */
function toFields(lines: readonly string[]): string[] | null {
  if (!lines.every((line) => FIELD.test(line))) return null;
  return lines.map((line) => line.replace(/^[^:]+/, (name) => name.toLowerCase()));
}

interface Body {
  readonly body: string;
  readonly trailers: readonly string[];
  readonly byteCount: number;
}

function takeBody(text: string, fields: readonly string[]): Body | "garbage" | null {
  const valuesOf = (name: string) =>
    fields.filter((field) => field.startsWith(`${name}: `)).map((field) => field.split(": ")[1]);
  const lengths = valuesOf("content-length");
  const codings = valuesOf("transfer-encoding");
  if (lengths.length + codings.length > 1) return "garbage";
  const [coding] = codings;
  if (coding !== undefined) return coding === "chunked" ? takeChunks(text) : "garbage";
  const [length = "0"] = lengths;
  if (!/^\d+$/.test(length)) return "garbage";
  const byteCount = Number(length);
  if (text.length < byteCount) return null;
  return { body: text.slice(0, byteCount), trailers: [], byteCount };
}

function takeChunks(text: string): Body | "garbage" | null {
  let body = "";
  let at = 0;
  for (;;) {
    const lineEnd = text.indexOf("\r\n", at);
    if (lineEnd < 0) return null;
    const size = text.slice(at, lineEnd);
    if (!/^[0-9a-fA-F]+$/.test(size)) return "garbage";
    const byteCount = Number.parseInt(size, 16);
    if (byteCount === 0) return takeTrailers(text, lineEnd, body);
    at = lineEnd + 2;
    if (text.length < at + byteCount + 2) return null;
    body += text.slice(at, at + byteCount);
    at += byteCount;
    if (text.slice(at, at + 2) !== "\r\n") return "garbage";
    at += 2;
  }
}

/** @param at the end of the line that ends the chunks. */
function takeTrailers(text: string, at: number, body: string): Body | "garbage" | null {
  const end = text.indexOf(END_OF_HEAD, at);
  if (end < 0) return null;
  const trailers = end === at ? [] : toFields(text.slice(at + 2, end).split("\r\n"));
  if (trailers === null) return "garbage";
  return { body, trailers, byteCount: end + END_OF_HEAD.length };
}
