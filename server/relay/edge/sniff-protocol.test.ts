import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { sniffProtocol } from "./sniff-protocol.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** Both ends of a connection. */
async function connected(): Promise<{ readonly client: Socket; readonly server: Socket }> {
  const listener = createServer();
  await once(listener.listen(0, "127.0.0.1"), "listening");
  const client = connect((listener.address() as AddressInfo).port, "127.0.0.1").setNoDelay();
  const [server] = (await once(listener, "connection")) as [Socket];
  closers.push(() => {
    client.destroy();
    server.destroy();
    listener.close();
  });
  return { client, server };
}

/** What comes of a connection whose first bytes arrive in these pieces, each after the one before was looked at. */
async function sniffed(pieces: readonly string[]) {
  const { client, server } = await connected();
  const known = new Promise<string>((resolve) => {
    sniffProtocol(server, resolve);
  });
  for (const piece of pieces) {
    const seen = once(server, "readable");
    client.write(piece);
    await seen;
  }
  const protocol = await known;
  const [bytes] = (await once(server, "data")) as [Buffer];
  return { protocol, bytes: bytes.toString() };
}

describe("sniffProtocol", () => {
  it.each([
    ["http1", ["GET / HTTP/1.1"]],
    ["http1", ["P", "OST / HTTP/1.1"]],
    ["http1", ["P", "R", "OPFIND / HTTP/1.1"]],
    ["h2c", ["PRI * HTTP/2.0"]],
    ["h2c", ["P", "R", "I", " "]],
  ] as const)("tells %s from %j and gives back every byte", async (protocol, pieces) => {
    expect(await sniffed(pieces)).toEqual({ protocol, bytes: pieces.join("") });
  });

  it("drops a connection that ends before it has said enough", async () => {
    const { client, server } = await connected();
    sniffProtocol(server, () => {
      throw new Error("nothing is known");
    });
    client.end("P");
    await once(server, "close");
  });
});
