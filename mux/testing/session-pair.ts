import { MUX_LIMITS } from "../limits.ts";
import type { MuxCloseReason } from "../session/close-reason.ts";
import { MuxSession } from "../session/mux-session.ts";
import type { MuxStream } from "../stream/mux-stream.ts";
import type { ByteTransport } from "../transport/byte-transport.ts";
import { FakeClock } from "./fake-clock.ts";
import { MemoryLink, type MemoryLinkOptions } from "./memory-transport.ts";

/** One session under test with what it told its owner. */
export interface TestEnd {
  readonly session: MuxSession;
  /** Streams the other end opened. */
  readonly accepted: MuxStream[];
  readonly closes: MuxCloseReason[];
}

export interface TestEndOptions {
  readonly transport: ByteTransport;
  readonly role: "client" | "server";
  readonly clock?: FakeClock;
  readonly windowBytes?: number;
  readonly keepAliveIntervalMs?: number;
  readonly onStream?: (stream: MuxStream) => void;
}

/** A session that notes what it is told. */
export function createTestEnd(options: TestEndOptions): TestEnd {
  const accepted: MuxStream[] = [];
  const closes: MuxCloseReason[] = [];
  const session = new MuxSession({
    transport: options.transport,
    role: options.role,
    windowBytes: options.windowBytes ?? MUX_LIMITS.windowBytes,
    keepAliveIntervalMs: options.keepAliveIntervalMs ?? null,
    onStream: (stream) => {
      accepted.push(stream);
      options.onStream?.(stream);
    },
    onClose: (reason) => closes.push(reason),
    ...(options.clock === undefined ? {} : { clock: options.clock }),
  });
  return { session, accepted, closes };
}

export interface SessionPairOptions extends MemoryLinkOptions {
  readonly windowBytes?: number;
  readonly keepAliveIntervalMs?: number;
}

export interface SessionPair {
  readonly link: MemoryLink;
  readonly clock: FakeClock;
  /** On `link.a`. */
  readonly client: TestEnd;
  /** On `link.b`. */
  readonly server: TestEnd;
}

/** Two sessions over a link in memory, with a clock that stands still. */
export function createSessionPair(options: SessionPairOptions = {}): SessionPair {
  const link = new MemoryLink(options);
  const clock = new FakeClock();
  const common = {
    clock,
    ...(options.windowBytes === undefined ? {} : { windowBytes: options.windowBytes }),
    ...(options.keepAliveIntervalMs === undefined
      ? {}
      : { keepAliveIntervalMs: options.keepAliveIntervalMs }),
  };
  const client = createTestEnd({ ...common, transport: link.a, role: "client" });
  const server = createTestEnd({ ...common, transport: link.b, role: "server" });
  return { link, clock, client, server };
}
