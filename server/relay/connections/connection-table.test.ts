import { describe, expect, it } from "vitest";
import type { ByteSocket } from "#mux/socket/byte-socket.ts";
import { listenerKeyText } from "#protocol/control/inventory.ts";
import { AgentId } from "#protocol/api/ids.ts";
import { AppError } from "#protocol/errors.ts";
import type { DesiredTunnel } from "#protocol/relay/desired-state.ts";
import { ShiftedClock, TUNNEL, tunnelOf } from "#server/hub/testing/relay-harness.ts";
import type { DirectAnswer, StreamLink } from "./connection-ports.ts";
import { ConnectionTable } from "./connection-table.ts";

const ignore = (): void => undefined;

function fakeSocket(): ByteSocket & { resets: number } {
  const socket = {
    resets: 0,
    bind: ignore,
    write: () => true,
    unsentBytes: 0,
    hasRoom: true,
    cork: ignore,
    uncork: ignore,
    pause: ignore,
    resume: ignore,
    reclaim: ignore,
    end: ignore,
    destroy: ignore,
    reset: () => void (socket.resets += 1),
    remoteAddress: "127.0.0.1",
    remotePort: 1,
  };
  return socket;
}

/** A client of a `dual` tunnel whose verified address takes its time. */
function setup() {
  const dialed = Promise.withResolvers<DirectAnswer>();
  const asked = Promise.withResolvers<void>();
  let tunnel: DesiredTunnel = tunnelOf({ relayPort: 1, mode: "dual" });
  let link: StreamLink | null = null;
  const table = new ConnectionTable({
    links: {
      pickLink: () => link,
      isServed: () => link !== null,
      waitForLink: () => ignore,
      wake: ignore,
    },
    routes: { findRoute: () => ({ tunnel, keyText: listenerKeyText(tunnel.target) }) },
    direct: { isVerified: () => true, dial: () => dialed.promise },
    clock: new ShiftedClock(),
    connectionsMax: 10,
  });
  const socket = fakeSocket();
  table.accept(TUNNEL, socket, "127.0.0.1:1");
  return {
    table,
    socket,
    /** Full, so that the client goes on waiting. */
    agentComes: () => {
      link = {
        agentId: AgentId.parse("ag_00000000000000000001"),
        isLeaving: false,
        agentName: "late",
        openStream: () => {
          asked.resolve();
          throw new AppError("unavailable", "The link is full.");
        },
      };
    },
    asked: asked.promise,
    stop: () => {
      tunnel = { ...tunnel, state: "stopped" };
      table.releaseUndesired();
    },
    failDial: () => dialed.resolve({ socket: null, closeReason: "dial_timeout", detail: "late" }),
  };
}

describe("a client whose direct dial fails", () => {
  it("gets the agent that came meanwhile", async () => {
    const { agentComes, failDial, asked, table } = setup();
    agentComes();
    failDial();
    await asked;
    expect(table.size).toBe(1);
  });

  it("does not begin to wait where the tunnel was withdrawn meanwhile", async () => {
    const { stop, failDial, table, socket } = setup();
    stop();
    expect(table.size).toBe(1);
    failDial();
    await table.whenEmpty();
    expect(socket.resets).toBe(1);
  });
});
