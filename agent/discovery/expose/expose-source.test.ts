import { describe, expect, it } from "vitest";
import { Inventory } from "#protocol/control/inventory.ts";
import { buildExposeSnapshot } from "./expose-source.ts";

function expose(scheme: "tcp" | "http" | "h2c") {
  const snapshot = buildExposeSnapshot([{ name: "web", scheme, host: "10.0.0.5", port: 80 }], null);
  const { gateways } = Inventory.parse({
    ...snapshot,
    generation: 1,
    source: "expose",
    kubernetesVersion: null,
  });
  return { listener: gateways[0]?.listeners[0], targets: snapshot.targets };
}

describe("--expose", () => {
  it("of a TCP service says nothing of HTTP", () => {
    const { listener, targets } = expose("tcp");
    expect(listener).toMatchObject({ protocol: "tcp", port: 80 });
    expect(listener?.http).toBeUndefined();
    expect([...targets.keys()]).toEqual(["expose/web/tcp/80/"]);
  });

  it.each([
    ["http", "http1"],
    ["h2c", "h2c"],
  ] as const)("of a web server by %s has one rule for every request", (scheme, protocol) => {
    const { listener, targets } = expose(scheme);
    expect(listener).toMatchObject({
      protocol: "http",
      hostname: null,
      http: {
        isThroughGateway: false,
        rules: [
          {
            hostnames: [],
            matches: [{ path: { type: "PathPrefix", value: "/" }, method: null }],
            backends: [{ namespace: "expose", name: "web", port: 80, ready: true, protocol }],
          },
        ],
      },
    });
    const backend = listener?.http?.rules[0]?.backends[0];
    expect(targets.get("expose/web/http/80/")).toMatchObject([
      { name: backend?.name, port: backend?.port, addresses: [{ host: "10.0.0.5", port: 80 }] },
    ]);
  });
});
