import { setImmediate as turn } from "node:timers/promises";
import { expect, it } from "vitest";
import type { ByteTransport } from "../transport/byte-transport.ts";
import { OutboundScheduler } from "./outbound-scheduler.ts";

function setUp() {
  const calls: string[] = [];
  const transport: ByteTransport = {
    bufferedBytes: 0,
    bind: () => undefined,
    write: () => {
      calls.push("write");
      return true;
    },
    cork: () => void calls.push("cork"),
    uncork: () => void calls.push("uncork"),
    close: () => undefined,
  };
  return { calls, scheduler: new OutboundScheduler(transport) };
}

it("sends what is gathered in one turn of the event loop together, and the next turn's apart", async () => {
  const { calls, scheduler } = setUp();
  for (const streamId of [2, 4]) {
    scheduler.gather();
    scheduler.sendData(streamId, Buffer.from("datagram"));
  }
  expect(calls).toEqual(["cork", "write", "write"]);
  await turn();
  expect(calls).toEqual(["cork", "write", "write", "uncork"]);
  scheduler.gather();
  scheduler.sendData(2, Buffer.from("datagram"));
  await turn();
  expect(calls.slice(4)).toEqual(["cork", "write", "uncork"]);
});

it("lets go of what it held back when it is stopped in the same turn", async () => {
  const { calls, scheduler } = setUp();
  scheduler.gather();
  scheduler.stop();
  scheduler.gather();
  await turn();
  expect(calls).toEqual(["cork", "uncork"]);
});

it("holds a large frame back no longer than it takes, and what was gathered goes with it", async () => {
  const { calls, scheduler } = setUp();
  scheduler.gather();
  scheduler.sendData(2, Buffer.from("datagram"));
  scheduler.sendData(4, Buffer.alloc(64 * 1024));
  expect(calls).toEqual(["cork", "write", "write", "uncork"]);
  await turn();
  expect(calls).toHaveLength(4);
});
