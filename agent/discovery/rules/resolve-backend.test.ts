import { describe, expect, it } from "vitest";
import { gateway, KEY, look, onlyListener, route, service, slice } from "./testing/objects.ts";

describe("backends", () => {
  it.each([
    ["the Service does not exist", [], "BackendNotFound"],
    ["the Service is of another name", [service({ name: "other" })], "BackendNotFound"],
  ])("pending when %s", (_what, extra, reason) => {
    const listener = onlyListener(look([gateway(), route(), ...extra]));
    expect(listener.routes[0]).toMatchObject({ accepted: false, reason });
    expect(listener.problem).not.toBeNull();
  });

  it.each([
    ["another kind", { name: "db", kind: "Bucket", group: "example.com", port: 1 }, "InvalidKind"],
    ["no port", { name: "db" }, "InvalidKind"],
  ])("that cannot be used: %s", (_what, ref, reason) => {
    const listener = onlyListener(
      look([gateway(), route({ backendRefs: [ref] }), service(), slice()]),
    );
    expect(listener.routes[0]).toMatchObject({ accepted: false, reason });
  });

  it.each([
    ["no EndpointSlice", []],
    ["no endpoints", [slice({ endpoints: [] })]],
    ["endpoints null, as the API writes it", [{ ...slice(), endpoints: null }]],
    [
      "no ready endpoint",
      [slice({ endpoints: [{ addresses: ["10.0.0.1"], conditions: { ready: false } }] })],
    ],
    ["a port of another name", [slice({ ports: [{ name: "other", port: 1 }] })]],
    ["a port of another protocol", [slice({ ports: [{ name: "pg", port: 1, protocol: "UDP" }] })]],
  ])("are published but not ready with %s", (_what, slices) => {
    const listener = onlyListener(look([gateway(), route(), service(), ...slices]));
    expect(listener.problem).toBeNull();
    expect(listener.backends).toMatchObject([
      { ready: false, reason: expect.any(String) as string },
    ]);
  });

  it("count as ready when nobody says otherwise, and only then", () => {
    const endpoints = [
      { addresses: ["10.0.0.1"] },
      { addresses: ["10.0.0.2"], conditions: {} },
      { addresses: ["10.0.0.3"], conditions: { ready: null } },
      { addresses: ["10.0.0.4"], conditions: { ready: false } },
    ];
    const targets = look([gateway(), route(), service(), slice({ endpoints })]).targets.get(KEY);
    expect(targets?.[0]?.addresses.map(({ host }) => host)).toEqual([
      "10.0.0.1",
      "10.0.0.2",
      "10.0.0.3",
    ]);
  });

  it("of type ExternalName are resolved later", () => {
    const external = service({ spec: { type: "ExternalName", externalName: "db.example.com" } });
    const targets = look([gateway(), route(), external]).targets.get(KEY);
    expect(targets?.[0]).toMatchObject({
      ready: true,
      addresses: [{ host: "db.example.com", port: 5432 }],
    });
  });

  it("of several HTTPRoutes share the listener, weights of the same Service add up", () => {
    const ref = (name: string, weight?: number): object => ({ name, port: 5432, weight });
    const kind = "HTTPRoute";
    const listener = onlyListener(
      look([
        gateway({ listeners: [{ name: "web", protocol: "HTTP", port: 80 }] }),
        route({ kind, name: "a", backendRefs: [ref("db", 3), ref("replica", 2)] }),
        route({ kind, name: "b", backendRefs: [ref("db")] }),
        service(),
        slice(),
        service({ name: "replica" }),
        slice({ service: "replica" }),
      ]),
    );
    expect(listener.routes.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(listener.backends.map(({ name, weight }) => [name, weight])).toEqual([
      ["db", 4],
      ["replica", 2],
    ]);
  });

  it("go on when one of two is missing, which keeps its share and says why", () => {
    const backendRefs = [
      { name: "db", port: 5432 },
      { name: "gone", port: 5432, weight: 3 },
    ];
    const snapshot = look([gateway(), route({ backendRefs }), service(), slice()]);
    const listener = onlyListener(snapshot);
    expect(listener.problem).toBeNull();
    expect(listener.routes[0]).toMatchObject({
      accepted: true,
      message: expect.stringContaining("gone") as string,
    });
    expect(listener.backends).toMatchObject([
      { name: "db", ready: true, reason: null },
      { name: "gone", weight: 3, ready: false, reason: expect.any(String) as string },
    ]);
    expect(snapshot.targets.get(KEY)).toMatchObject([
      { name: "db" },
      { name: "gone", isInvalid: true, addresses: [] },
    ]);
  });

  it.each([
    ["no route", [gateway()]],
    ["a route without backends", [gateway(), route({ backendRefs: [] })]],
    [
      "weight 0 everywhere",
      [
        gateway(),
        route({ backendRefs: [{ name: "db", port: 5432, weight: 0 }] }),
        service(),
        slice(),
      ],
    ],
  ])("missing: %s leaves the listener pending and undialled", (_what, objects) => {
    const snapshot = look(objects);
    expect(onlyListener(snapshot).problem).not.toBeNull();
    expect(snapshot.targets.size).toBe(0);
  });

  it("stand without a Service, or with unnamed single ports, in a folder only", () => {
    const alone = [gateway(), route(), slice({ ports: [{ port: 15432 }] })];
    const unnamed = [gateway(), route(), service({ spec: { ports: [{ port: 5432 }] } }), slice()];
    for (const objects of [alone, unnamed]) {
      expect(onlyListener(look(objects, { isLenient: true })).backends[0]?.ready).toBe(true);
      expect(onlyListener(look(objects)).backends[0]?.ready ?? false).toBe(false);
    }
  });
});
