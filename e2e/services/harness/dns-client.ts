import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect } from "node:net";
import { decodeAnswer, type DnsAnswer } from "./dns-message.ts";

const DEADLINE_MS = 10_000;

/** Asks once over UDP, from a port of its own. */
export async function askByUdp(port: number, query: Buffer): Promise<DnsAnswer> {
  const socket = createSocket("udp4");
  try {
    socket.send(query, port, "127.0.0.1");
    const [message] = (await once(socket, "message", {
      signal: AbortSignal.timeout(DEADLINE_MS),
    })) as [Buffer];
    return decodeAnswer(message);
  } finally {
    socket.close();
  }
}

/** Sends one datagram and waits for nothing. */
export function tell(port: number, text: string): void {
  const socket = createSocket("udp4");
  socket.send(text, port, "127.0.0.1", () => socket.close());
}

/** Asks once over TCP: `u16 length | message`, both ways. */
export async function askByTcp(port: number, query: Buffer): Promise<DnsAnswer> {
  const socket = connect({ host: "127.0.0.1", port, signal: AbortSignal.timeout(DEADLINE_MS) });
  const length = Buffer.alloc(2);
  length.writeUInt16BE(query.byteLength);
  socket.write(Buffer.concat([length, query]));
  let heard = Buffer.alloc(0);
  try {
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      heard = Buffer.concat([heard, chunk]);
      if (heard.byteLength >= 2 && heard.byteLength >= 2 + heard.readUInt16BE(0)) {
        return decodeAnswer(heard.subarray(2));
      }
    }
  } finally {
    socket.destroy();
  }
  throw new Error("the server closed without an answer");
}
