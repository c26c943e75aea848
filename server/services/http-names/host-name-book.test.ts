import { describe, expect, it } from "vitest";
import type { Queries } from "#server/db/db.ts";
import { HostNameBook } from "./host-name-book.ts";

/** Answers with one tunnel that asks for a name, when it is told to. */
class FakeTunnels {
  readonly asked: ((name: string) => void)[] = [];
  readonly db = {
    tunnel: {
      findMany: () =>
        new Promise((resolve) => {
          this.asked.push((name) => resolve([rowFor(name)]));
        }),
    },
  } as unknown as Queries;
}

const rowFor = (name: string) => ({
  id: "tn_1",
  clusterId: "cl_1",
  cluster: { name: "prod" },
  namespace: "apps",
  gateway: "edge",
  port: 80,
  hostname: "",
  hostnames: JSON.stringify([name]),
  phase: "active",
  createdAt: new Date(1),
});

function setup() {
  const tunnels = new FakeTunnels();
  const book = new HostNameBook({ edgeDomain: "tunnel.test", publicHost: "localhost" });
  const nameIn = async (loading: ReturnType<typeof book.load>) =>
    (await loading).of("tn_1")[0]?.name;
  return { tunnels, book, nameIn, load: () => nameIn(book.load(tunnels.db)) };
}

describe("HostNameBook", () => {
  it("asks once, and again after a change", async () => {
    const { tunnels, book, load } = setup();
    const first = load();
    tunnels.asked[0]?.("a.test");
    expect(await first).toBe("a.test");
    expect(await load()).toBe("a.test");
    expect(tunnels.asked).toHaveLength(1);
    book.changed();
    const second = load();
    tunnels.asked[1]?.("b.test");
    expect(await second).toBe("b.test");
  });

  it("does not keep what it read while something changed", async () => {
    const { tunnels, book, load } = setup();
    const early = load();
    book.changed();
    tunnels.asked[0]?.("before.test");
    expect(await early).toBe("before.test");
    const late = load();
    tunnels.asked[1]?.("after.test");
    expect(await late).toBe("after.test");
  });
});
