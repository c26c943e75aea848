import { describe, expect, it } from "vitest";
import { frameDatagram } from "#protocol/control/datagrams.ts";
import type { ByteSocketHandler } from "./byte-socket.ts";
import { DatagramSocket } from "./datagram-socket.ts";
import { QueueRoom } from "./queue-room.ts";

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const bytes = (content: string): Uint8Array => Buffer.from(content);

function setup(isAllowed = true, room = new QueueRoom(1024 * 1024)) {
  const sent: string[] = [];
  const calls: string[] = [];
  const socket = new DatagramSocket(
    {
      send: (datagram) => {
        if (isAllowed) sent.push(text(datagram));
        return isAllowed;
      },
      close: () => calls.push("port closed"),
      remoteAddress: "198.51.100.4",
      remotePort: 5353,
    },
    room,
  );
  const handler: ByteSocketHandler = {
    onData: (chunk) => calls.push(text(chunk.subarray(2))),
    onEnd: () => calls.push("end"),
    onDrain: () => undefined,
    onClose: (error) => calls.push(error === null ? "closed" : `closed: ${error.message}`),
  };
  return { socket, handler, sent, calls };
}

describe("a UDP association", () => {
  it("delivers what came before anybody listened, in order", () => {
    const { socket, handler, calls } = setup();
    for (const content of ["a", "", "b"]) socket.receive(bytes(content));
    socket.bind(handler);
    socket.receive(bytes("c"));
    expect(calls).toEqual(["a", "", "b", "c"]);
  });

  it("drops the oldest, and counts them, when too many wait", () => {
    const { socket, handler, calls } = setup();
    for (let n = 0; n < 257; n += 1) socket.receive(bytes(String(n)));
    expect(socket.datagrams).toEqual({ received: 257, sent: 0, dropped: 1, overflowed: 1 });
    socket.bind(handler);
    expect(calls).toHaveLength(256);
    expect(calls[0]).toBe("1");
  });

  it("drops the oldest when too many bytes wait", () => {
    const { socket, handler, calls } = setup();
    socket.bind(handler);
    socket.pause();
    for (let n = 0; n < 9; n += 1) socket.receive(new Uint8Array(65_507));
    expect(socket.datagrams.dropped).toBe(1);
    socket.resume();
    expect(calls).toHaveLength(8);
  });

  it("shares the room with others: without any left, its own oldest goes first", () => {
    const room = new QueueRoom(3 * 300);
    const [one, other] = [setup(true, room), setup(true, room)];
    for (const content of ["a", "b", "c"]) one.socket.receive(bytes(content));
    // 3 × (1 byte + 2 of length + overhead) is all there is.
    one.socket.receive(bytes("d"));
    other.socket.receive(bytes("x"));
    expect(one.socket.datagrams).toMatchObject({ received: 4, dropped: 1, overflowed: 1 });
    expect(other.socket.datagrams).toMatchObject({ received: 1, dropped: 1, overflowed: 1 });
    one.socket.bind(one.handler);
    expect(one.calls).toEqual(["b", "c", "d"]);
    expect(room.freeBytes).toBe(3 * 300);
  });

  it("counts what was still waiting when it ended, and gives its room back", () => {
    const room = new QueueRoom(1_000);
    const { socket } = setup(true, room);
    socket.receive(bytes("a"));
    socket.reset();
    expect(socket.datagrams).toMatchObject({ received: 1, dropped: 1 });
    expect(room.freeBytes).toBe(1_000);
  });

  it("stops delivering in the middle of a queue when it is paused again", () => {
    const { socket, handler, calls } = setup();
    for (const content of ["a", "b", "c"]) socket.receive(bytes(content));
    socket.bind({
      ...handler,
      onData: (chunk) => {
        handler.onData(chunk);
        socket.pause();
      },
    });
    expect(calls).toEqual(["a"]);
    socket.resume();
    expect(calls).toEqual(["a", "b"]);
  });

  it("sends each datagram of the stream, and counts what its port drops", () => {
    const { socket, sent } = setup();
    socket.write(Buffer.concat([frameDatagram(bytes("x")), frameDatagram(bytes("yz"))]));
    expect(sent).toEqual(["x", "yz"]);
    expect(socket.datagrams).toEqual({ received: 0, sent: 2, dropped: 0, overflowed: 0 });
    const guarded = setup(false).socket;
    guarded.write(frameDatagram(bytes("x")));
    expect(guarded.datagrams.dropped).toBe(1);
  });

  it.each([
    ["end", null, "closed"],
    ["destroy", null, "closed"],
    ["reset", null, "closed"],
    ["fail", new Error("refused"), "closed: refused"],
  ] as const)("is over after %s, once, and hears nothing afterwards", async (how, error, last) => {
    const { socket, handler, sent, calls } = setup();
    socket.bind(handler);
    for (let n = 0; n < 2; n += 1) {
      if (how === "fail") socket.fail(error);
      else socket[how]();
    }
    await Promise.resolve();
    socket.receive(bytes("late"));
    socket.write(frameDatagram(bytes("late")));
    expect(calls).toEqual(["port closed", last]);
    expect(sent).toEqual([]);
  });

  it("ends in good order when it expires, and at once when nobody listens yet", async () => {
    const { socket, handler, calls } = setup();
    socket.bind(handler);
    socket.expire();
    expect(calls).toEqual(["end"]);
    const lonely = setup();
    lonely.socket.expire();
    expect(lonely.calls).toEqual(["port closed"]);
    lonely.socket.bind(lonely.handler);
    await Promise.resolve();
    expect(lonely.calls).toEqual(["port closed", "closed"]);
  });

  it("tells whoever comes later that it is over, and why", async () => {
    const { socket, handler, calls } = setup();
    socket.receive(bytes("nobody hears it"));
    socket.fail(new Error("refused"));
    await Promise.resolve();
    socket.bind(handler);
    await Promise.resolve();
    expect(calls).toEqual(["port closed", "closed: refused"]);
  });
});
