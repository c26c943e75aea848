import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { expect, it, onTestFinished } from "vitest";
import type { DatagramSocket } from "#mux/socket/datagram-socket.ts";
import { QueueRoom } from "#mux/socket/queue-room.ts";
import { frameDatagram } from "#protocol/control/datagrams.ts";
import { freePort } from "#server/hub/testing/relay-harness.ts";
import { SourceLimits } from "./source-limits.ts";
import { bindUdpPort } from "./udp-port.ts";

/** A client of the port. */
async function connect(port: number): Promise<Socket> {
  const client = createSocket("udp4");
  onTestFinished(() => void client.close());
  client.connect(port, "127.0.0.1");
  await once(client, "connect");
  return client;
}

it("opens anew for a client whose association gave way and is still being closed", async () => {
  const sources = new SourceLimits({
    associationsMax: 1,
    openingsPerSecond: 10,
    clock: { monotonicMs: () => 0 },
  });
  const opened: DatagramSocket[] = [];
  const port = await freePort();
  const open = await bindUdpPort(
    { host: "127.0.0.1", port, reusePort: false, onBroken: (error) => expect.fail(String(error)) },
    {
      sources,
      room: new QueueRoom(1_000_000),
      onRefused: () => expect.fail("refused"),
      // An owner that takes its time: the way to the agent and back.
      onAssociation: (socket) => {
        opened.push(socket);
        const ignore = (): void => undefined;
        socket.bind({ onData: ignore, onEnd: ignore, onDrain: ignore, onClose: ignore });
      },
    },
  );
  onTestFinished(() => {
    open.stop();
    for (const socket of opened) socket.destroy();
  });
  const [alice, bob] = [await connect(port), await connect(port)];
  const say = async (client: Socket, associations: number): Promise<void> => {
    client.send("hello");
    await expect.poll(() => opened.length).toBe(associations);
  };
  await say(alice, 1);
  await say(bob, 2);
  await say(alice, 3);

  const answers: string[] = [];
  alice.on("message", (datagram) => void answers.push(String(datagram)));
  opened[0]?.write(frameDatagram(Buffer.from("late")));
  opened[2]?.write(frameDatagram(Buffer.from("new")));
  await expect.poll(() => answers).toEqual(["late", "new"]);
  // The close of the old one leaves the new one alone.
  opened[0]?.destroy();
  alice.send("hello again");
  await expect.poll(() => opened[2]?.datagrams.received).toBe(2);
});
