import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { hangUp } from "./hang-up.ts";

const closers: (() => void)[] = [];
beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => {
  vi.useRealTimers();
  for (const close of closers.splice(0)) close();
});

/** A client that never hangs up by itself, and the server's end of its connection. */
async function connected(): Promise<{ readonly client: Socket; readonly server: Socket }> {
  const listener = createServer({ allowHalfOpen: true });
  await once(listener.listen(0, "127.0.0.1"), "listening");
  const { port } = listener.address() as AddressInfo;
  const client = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  const [server] = (await once(listener, "connection")) as [Socket];
  client.on("error", () => undefined);
  closers.push(() => {
    client.destroy();
    server.destroy();
    listener.close();
  });
  return { client, server };
}

describe("hangUp", () => {
  it("drops a client that goes on and on after its answer, which it got", async () => {
    const { client, server } = await connected();
    server.write("answer");
    hangUp(server);
    const [answer] = (await once(client, "data")) as [Buffer];
    expect(answer.toString()).toBe("answer");
    await once(client, "end");
    client.write("more");
    expect(server.destroyed).toBe(false);
    vi.advanceTimersByTime(5_000);
    expect(server.destroyed).toBe(true);
  });

  it("leaves no timer behind with a client that hangs up, too", async () => {
    const { client, server } = await connected();
    hangUp(server);
    await once(client.resume(), "end");
    client.end();
    await once(server, "close");
    expect(vi.getTimerCount()).toBe(0);
  });
});
