import { expect, it } from "vitest";
import { listenerKeyText } from "#protocol/control/inventory.ts";
import { RelayId } from "#protocol/api/ids.ts";
import { encodeControl } from "#protocol/control/codec.ts";
import { CAPABILITIES, PROTOCOL_VERSION } from "#protocol/control/limits.ts";
import type { ControlPayload, ControlType } from "#protocol/control/messages.ts";
import { AgentLink } from "./agent-link.ts";
import { HUB_DEFAULTS } from "./hub-settings.ts";
import { LinkRegistry } from "./link-registry.ts";
import { inventoryOf } from "./testing/fake-agent.ts";
import { CLUSTER, GATEWAY_PORT, TOKEN, tokenOf } from "./testing/relay-harness.ts";

const KEY = listenerKeyText({
  namespace: "shop",
  gateway: "edge",
  protocol: "tcp",
  port: GATEWAY_PORT,
  hostname: null,
});

function setUp() {
  const clock = { nowMs: 0, now: () => 0, monotonicMs: () => clock.nowMs };
  const registry = new LinkRegistry();
  const createLink = (agentId: string) => {
    const heard = { lastReceivedAt: 0, streamCount: 0 };
    const link = new AgentLink({
      linkId: `ln_${agentId}`,
      address: "192.0.2.1",
      token: tokenOf(TOKEN),
      settings: {
        ...HUB_DEFAULTS,
        relayId: RelayId.parse("rl_00000000000000000001"),
        relayIds: [],
        serverVersion: "0",
        publicOrigin: "http://localhost",
      },
      clock,
      owner: {
        clusterName: () => "test",
        onRegister: () => null,
        onReady: (ready) => registry.add(ready),
        onInventory: () => undefined,
        onInventoryChange: () => undefined,
        onClusterResources: () => undefined,
        onChanged: () => undefined,
        onAgentLog: () => undefined,
        onClosed: (closed) => registry.remove(closed),
      },
      startSession: () => ({
        canOpen: true,
        get streamCount() {
          return heard.streamCount;
        },
        rttMs: null,
        openStream: () => {
          heard.streamCount += 1;
          return createStream();
        },
        close: () => undefined,
      }),
    });
    link.attach({
      binary: { bind: ignore, write: () => true, bufferedBytes: 0, close: ignore },
      get lastReceivedAt() {
        return heard.lastReceivedAt;
      },
      maxTextBytes: 0,
      sendText: ignore,
      close: ignore,
    });
    const say = <T extends ControlType>(type: T, payload: ControlPayload<T>): void =>
      link.receiveText(encodeControl(type, payload, { now: new Date(0) }));
    say("gateway_hello_ack", {
      protocolVersion: PROTOCOL_VERSION,
      useYamux: true,
      capabilities: [...CAPABILITIES],
    });
    say("register", {
      agentId,
      instanceId: `instance-of-${agentId}`,
      version: "0.0.0-test",
      clusterName: null,
      startedAt: new Date(0).toISOString(),
      forceTunnelMode: false,
      dualModeEnabled: false,
      limits: null,
    });
    say("inventory", inventoryOf([GATEWAY_PORT]));
    return { link, heard };
  };
  const pick = () => registry.pickLink(CLUSTER, KEY);
  return { clock, createLink, pick };
}

function ignore(): void {
  // Nothing of what is said to this agent matters here.
}

function createStream() {
  return {
    id: 2,
    bytesReceived: 0,
    bytesSent: 0,
    write: () => true,
    end: ignore,
    reset: ignore,
    consume: ignore,
    bind: ignore,
  };
}

it("picks the link with the fewest streams", () => {
  const { createLink, pick } = setUp();
  const [a, b] = [createLink("a"), createLink("b")];
  a.link.openStream();
  expect(pick()).toBe(b.link);
});

it("avoids a link that leaves an opening unanswered, until it is heard again", () => {
  const { clock, createLink, pick } = setUp();
  const [dead, healthy] = [createLink("dead"), createLink("healthy")];
  clock.nowMs = 10_000;
  dead.link.openStream();
  healthy.heard.streamCount = 5;
  expect(pick()).toBe(dead.link);
  clock.nowMs = 10_900;
  dead.link.openStream();
  clock.nowMs = 11_000;
  expect(pick()).toBe(healthy.link);
  dead.heard.lastReceivedAt = 11_001;
  expect(pick()).toBe(dead.link);
});

it("takes a link that owes an answer when there is no other, and one that is merely quiet", () => {
  const { clock, createLink, pick } = setUp();
  const only = createLink("only");
  clock.nowMs = 20_000;
  expect(only.link.isUnanswered()).toBe(false);
  only.link.openStream();
  clock.nowMs = 25_000;
  expect(only.link.isUnanswered()).toBe(true);
  expect(pick()).toBe(only.link);
});
