import { describe, expect, it } from "vitest";
import { TunnelId } from "#protocol/api/ids.ts";
import { CHANNEL_LIMITS } from "#protocol/relay/channel.ts";
import { httpTunnelOf, ruleOf } from "#server/hub/testing/edge-lab.ts";
import type { Route } from "../../routing/route-table.ts";
import { ExchangeTable } from "./exchange-table.ts";

const { requestRecords, requestRecordsPerTunnel } = CHANNEL_LIMITS;

function setup() {
  let nowMs = 0;
  const ids = Array.from({ length: requestRecords / requestRecordsPerTunnel + 1 }, (_, n) =>
    TunnelId.parse(`tn_${String(n).padStart(20, "0")}`),
  );
  const routes = new Map<string, Route>(
    ids.map((id) => [id, { tunnel: httpTunnelOf([ruleOf()], { id }), keyText: id }]),
  );
  const table = new ExchangeTable(
    { findRoute: (id) => routes.get(id) ?? null },
    { now: () => nowMs, monotonicMs: () => nowMs },
  );
  const open = (route: Route, path = "/") =>
    table.open({ route, method: "GET", host: "shop.test", path, clientAddress: "198.51.100.4" });
  const advance = (ms: number): void => {
    nowMs += ms;
  };
  return { table, routes: [...routes.values()], open, advance };
}

describe("ExchangeTable", () => {
  it("tells of more requests than fit those that ended last, however long ago they began", () => {
    const { table, routes, open, advance } = setup();
    const [first] = routes;
    if (first === undefined) throw new Error("there are routes");
    const slow = open(first, "/slow");
    advance(15_000);
    for (const route of routes) {
      for (let n = 0; n < requestRecordsPerTunnel; n += 1) table.end(open(route), true);
    }
    advance(1);
    table.end(slow, true);
    const { requests } = table.sweep();
    expect(requests).toHaveLength(requestRecords);
    expect(requests.at(-1)?.request.path).toBe("/slow");
  });
});
