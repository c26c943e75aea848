import { describe, expect, it } from "vitest";
import { makeTunnel } from "./testing/make-tunnel.ts";
import { withTunnelChanges, type TunnelList } from "./tunnel-reducer.ts";

const one = makeTunnel({ id: "tn_00000001" });
const two = makeTunnel({ id: "tn_00000002" });
const list: TunnelList = { items: [one, two], isTruncated: false };
const ids = ({ items }: TunnelList): string[] => items.map(({ id }) => id);

describe("withTunnelChanges", () => {
  it("replaces in place, takes away and adds at the end, in one pass", () => {
    const changed = makeTunnel({ id: "tn_00000002", phase: "degraded" });
    const added = makeTunnel({ id: "tn_00000003" });
    const next = withTunnelChanges(
      list,
      [
        { kind: "removed", id: one.id },
        { kind: "stored", tunnel: changed },
        { kind: "stored", tunnel: added },
      ],
      null,
    );
    expect(ids(next)).toEqual(["tn_00000002", "tn_00000003"]);
    expect(next.items[0]?.phase).toBe("degraded");
  });

  it("believes the newest word on a tunnel", () => {
    const next = withTunnelChanges(
      list,
      [
        { kind: "removed", id: one.id },
        { kind: "stored", tunnel: one },
      ],
      null,
    );
    expect(ids(next)).toEqual([one.id, two.id]);
  });

  it("lets only its own cluster's tunnels into a cluster's list", () => {
    const other = makeTunnel({
      id: "tn_00000009",
      clusterId: "cl_00000009" as typeof one.clusterId,
    });
    expect(withTunnelChanges(list, [{ kind: "stored", tunnel: other }], one.clusterId)).toBe(list);
  });

  it("is the same list when nothing in it changed", () => {
    expect(withTunnelChanges(list, [], null)).toBe(list);
    expect(withTunnelChanges(list, [{ kind: "removed", id: "tn_unknown0" }], null)).toBe(list);
  });

  it("takes a change to one of 5,000 in under 8 ms", () => {
    const items = Array.from({ length: 5_000 }, (_, index) => ({
      ...one,
      id: `tn_${String(index).padStart(8, "0")}` as typeof one.id,
    }));
    const started = performance.now();
    withTunnelChanges({ items, isTruncated: false }, [{ kind: "stored", tunnel: two }], null);
    expect(performance.now() - started).toBeLessThan(8);
  });
});
