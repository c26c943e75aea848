import { encodeHeader, FLAG, FRAME } from "../frame/frame-header.ts";
import { MemoryLink } from "./memory-transport.ts";
import { createTestEnd } from "./session-pair.ts";

/** A header that the session under test sent. */
export interface SeenFrame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly length: number;
}

/** One session whose far end is written by hand, frame by frame. */
export function createHandPeer(role: "client" | "server" = "client", highWaterBytes?: number) {
  const link = new MemoryLink(highWaterBytes === undefined ? {} : { highWaterBytes });
  const end = createTestEnd({ transport: link.a, role });
  const sent: SeenFrame[] = [];
  link.a.onWrite = (header) => {
    const view = Buffer.from(header);
    sent.push({
      type: view.readUInt8(1),
      flags: view.readUInt16BE(2),
      streamId: view.readUInt32BE(4),
      length: view.readUInt32BE(8),
    });
  };
  link.b.bind({ onData: () => {}, onBatchEnd: () => {}, onDrain: () => {}, onClose: () => {} });
  const receive = (type: number, flags: number, streamId: number, length: number): void => {
    link.b.write(encodeHeader(type, flags, streamId, length));
    link.deliver(link.b);
  };
  const receiveData = (streamId: number, payload: Uint8Array, flags = 0): void => {
    link.b.write(encodeHeader(FRAME.data, flags, streamId, payload.byteLength), payload);
    link.deliver(link.b);
  };
  /** The peer opens a stream; what we answered is forgotten. */
  const accept = (streamId: number) => {
    receive(FRAME.windowUpdate, FLAG.syn, streamId, 0);
    const stream = end.accepted.at(-1);
    if (stream === undefined) throw new Error("nothing was accepted");
    sent.length = 0;
    return stream;
  };
  return { ...end, link, sent, receive, receiveData, accept };
}
