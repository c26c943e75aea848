import { expect, it } from "vitest";
import { TunnelId } from "#protocol/api/ids.ts";
import { CONTROL_LIMITS } from "#protocol/control/limits.ts";
import type { Published } from "#protocol/control/published.ts";
import type { DesiredTunnel } from "#protocol/relay/desired-state.ts";
import { createLogger } from "#server/observability/logger.ts";
import { PublishedListeners, type PublishedReader } from "./published-listeners.ts";
import { CLUSTER, tunnelOf, type TunnelSketch } from "./testing/relay-harness.ts";

const ENDPOINT = { kind: "relay", address: "relay.example.com:15001" } as const;
const OTHER_CLUSTER = "cl_00000000000000000002";

function setup() {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const published = new PublishedListeners(
    createLogger({ level: "warn", name: "relay", destination }),
  );
  return { published, lines };
}

function readerOf(clusterId: string, wantsPublished = true) {
  const told: Published[] = [];
  const reader: PublishedReader = {
    clusterId,
    wantsPublished,
    sendPublished: (message) => void told.push(message),
  };
  return { reader, told };
}

function tunnels(...sketches: Partial<TunnelSketch>[]): ReadonlyMap<string, DesiredTunnel> {
  return new Map(
    sketches.map((sketch, index) => {
      const id = TunnelId.parse(`tn_${String(index).padStart(20, "0")}`);
      return [id, tunnelOf({ id, relayPort: 15_001, endpoints: [ENDPOINT], ...sketch })];
    }),
  );
}

it("tells an agent what its cluster publishes, and nothing of another's", () => {
  const { published } = setup();
  const ours = readerOf(CLUSTER);
  const theirs = readerOf(OTHER_CLUSTER);
  published.replace(tunnels({ mode: "dual" }));
  published.tell(ours.reader);
  published.tell(theirs.reader);
  const { target: key } = tunnelOf({ relayPort: 1 });
  expect(ours.told).toEqual([{ listeners: [{ key, mode: "dual", endpoints: [ENDPOINT] }] }]);
  expect(theirs.told).toEqual([{ listeners: [] }]);
});

it("leaves out what accepts nobody", () => {
  const { published } = setup();
  const { reader, told } = readerOf(CLUSTER);
  published.replace(tunnels({ state: "stopped" }, { state: "disabled" }, { endpoints: [] }));
  published.tell(reader);
  expect(told).toEqual([{ listeners: [] }]);
});

it("gathers changes, and says nothing when a cluster stayed as it was", () => {
  const { published } = setup();
  const { reader, told } = readerOf(CLUSTER);
  published.replace(tunnels({}));
  published.tell(reader);
  published.replace(tunnels({ mode: "direct" }));
  published.replace(tunnels({ mode: "dual" }));
  published.flush([reader]);
  published.flush([reader]);
  published.replace(tunnels({ mode: "dual" }));
  published.flush([reader]);
  expect(told.map(({ listeners }) => listeners[0]?.mode)).toEqual(["tunnel", "dual"]);
});

it("tells an agent that did not ask nothing", () => {
  const { published } = setup();
  const { reader, told } = readerOf(CLUSTER, false);
  published.replace(tunnels({}));
  published.tell(reader);
  published.flush([reader]);
  expect(told).toEqual([]);
});

it("keeps to the bound of the message, and says so in the log", () => {
  const { published, lines } = setup();
  const { reader, told } = readerOf(CLUSTER);
  const count = CONTROL_LIMITS.publishedListeners + 1;
  published.replace(tunnels(...Array.from({ length: count }, () => ({}))));
  published.tell(reader);
  expect(told[0]?.listeners).toHaveLength(CONTROL_LIMITS.publishedListeners);
  expect(lines).toHaveLength(1);
});
