import type { Socket } from "node:net";
import { takeBody, takeHead } from "./http1-message.ts";
import { TcpService } from "./tcp-service.ts";

export interface RecordedRequest {
  readonly method: string;
  readonly target: string;
  /** `name: value`, names in lower case. */
  readonly fields: readonly string[];
  readonly body: string;
  /** What followed the chunks, as `fields`. */
  readonly trailers: readonly string[];
}

const REQUEST_LINE = /^([A-Z]+) (\S+) HTTP\/1\.1$/;
const ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n";

/**
 * A service that knows the narrowest HTTP/1.1 there is, and remembers what it was sent: requests that are well-formed to
 * the letter, and everything else as garbage.
 */
export class RequestRecorder extends TcpService {
  readonly requests: RecordedRequest[] = [];
  /** What could not be understood; any of it is a fault of whoever sent it. */
  readonly garbage: string[] = [];
  /** Requests that were cut off before they were whole, which nobody carries out. */
  readonly unfinished: string[] = [];

  /** Forgets what came so far. */
  clear(): void {
    this.requests.length = 0;
    this.garbage.length = 0;
    this.unfinished.length = 0;
  }

  protected override serve(socket: Socket): void {
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
    socket.on("close", () => {
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
  const head = takeHead(text);
  if (head === null) return null;
  if (head === "garbage") return text;
  const { startLine, fields } = head;
  const [, method, target] = REQUEST_LINE.exec(startLine) ?? [];
  if (method === undefined || target === undefined) return text;
  const taken = takeBody(text.slice(head.byteCount), fields);
  if (taken === null || taken === "garbage") return taken === null ? null : text;
  const { body, trailers } = taken;
  return {
    request: { method, target, fields, body, trailers },
    byteCount: head.byteCount + taken.byteCount,
  };
}
