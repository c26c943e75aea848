import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { acceptWebSocket } from "./accept.ts";
import { dialWebSocket, type DialWebSocketOptions } from "./dial.ts";
import { LOCALHOST_CERTIFICATE } from "./testing/localhost-certificate.ts";
import type { WebSocketLink, WebSocketLinkClose } from "./web-socket-link.ts";

const LIMITS = { maxTextBytes: 1000, closeTimeoutMs: 1000, keepAliveMs: 0 };
const SILENT = { onText: () => undefined, onClose: () => undefined };

/** A TLS server that sends binary bytes back. */
async function startEcho(): Promise<number> {
  const server = createServer(LOCALHOST_CERTIFICATE);
  server.on("upgrade", (request, socket, head) => {
    const link = acceptWebSocket(request, socket, head, { ...LIMITS, handler: SILENT });
    link.binary.bind({
      onData: (chunk) => void link.binary.write(chunk),
      onBatchEnd: () => undefined,
      onDrain: () => undefined,
      onClose: () => undefined,
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

function dial(port: number, overrides: Partial<DialWebSocketOptions> = {}) {
  return dialWebSocket({
    ...LIMITS,
    url: new URL(`wss://localhost:${port}/`),
    headers: {},
    handler: SILENT,
    handshakeTimeoutMs: 5000,
    tls: { ca: LOCALHOST_CERTIFICATE.cert },
    ...overrides,
  });
}

it("carries every byte over TLS both ways and closes cleanly", async () => {
  const closed = Promise.withResolvers<WebSocketLinkClose>();
  const handler = { ...SILENT, onClose: closed.resolve };
  const result = await dial(await startEcho(), { handler });
  if (result.kind !== "connected") throw new Error(result.kind);
  const link: WebSocketLink = result.link;
  const sent = randomBytes(4 * 1024 * 1024);
  const received: Buffer[] = [];
  let receivedBytes = 0;
  const done = Promise.withResolvers<void>();
  link.binary.bind({
    onData: (chunk) => {
      received.push(Buffer.from(chunk));
      receivedBytes += chunk.byteLength;
      if (receivedBytes === sent.byteLength) done.resolve();
    },
    onBatchEnd: () => undefined,
    onDrain: () => undefined,
    onClose: () => undefined,
  });
  for (let at = 0; at < sent.byteLength; at += 64 * 1024) {
    link.binary.write(sent.subarray(at, at + 12), sent.subarray(at + 12, at + 64 * 1024));
  }
  await done.promise;
  expect(Buffer.concat(received).equals(sent)).toBe(true);
  link.close(1000, "done");
  expect(await closed.promise).toEqual({ code: 1000, reason: "", wasClean: true });
});

it("tells a certificate that nobody vouches for", async () => {
  expect(await dial(await startEcho(), { tls: {} })).toMatchObject({
    kind: "unreachable",
    code: "DEPTH_ZERO_SELF_SIGNED_CERT",
  });
});

it("tells a certificate for another name", async () => {
  const tls = { ca: LOCALHOST_CERTIFICATE.cert, servername: "elsewhere.test" };
  expect(await dial(await startEcho(), { tls })).toMatchObject({
    kind: "unreachable",
    code: "ERR_TLS_CERT_ALTNAME_INVALID",
  });
});
