import { describe, expect, it } from "vitest";
import {
  gateway,
  look,
  onlyListener,
  route,
  service,
  slice,
  verdictsOf,
} from "../testing/objects.ts";

/*
 * What the conformance tests of Gateway API 1.6 assert of TLSRoute, for an implementation that passes TLS through.
 */

const tls = (parts: object = {}): object => ({
  name: "tls",
  port: 443,
  protocol: "TLS",
  tls: { mode: "Passthrough" },
  ...parts,
});
const tlsRoute = (hostnames: readonly string[], parts: object = {}): object =>
  route({ kind: "TLSRoute", hostnames, ...parts });

describe("TLSRoute", () => {
  it.each([
    ["abc.example.com", "*.example.com", "Accepted"],
    ["*.example.com", "abc.example.com", "Accepted"],
    ["*.example.com", "*.com", "Accepted"],
    ["*.com", "abc.example.com", "Accepted"],
    ["*.com", "*.example.com", "Accepted"],
    [undefined, "abc.example.com", "Accepted"],
    [undefined, "*.com", "Accepted"],
    ["abc.example.com", "other.example.com", "NoMatchingListenerHostname"],
    ["*.example.com", "example.com", "NoMatchingListenerHostname"],
    ["*.example.com", "*.example.org", "NoMatchingListenerHostname"],
  ])("listener %s, route %s: %s", (hostname, routeHost, reason) => {
    const snapshot = look([
      gateway({ listeners: [tls({ hostname })] }),
      tlsRoute([routeHost]),
      service(),
      slice(),
    ]);
    expect(verdictsOf(snapshot, "db").listeners).toEqual({ tls: reason });
    expect(onlyListener(snapshot)).toMatchObject({ protocol: "tls", hostname: hostname ?? null });
  });

  it.each([
    ["HTTP", undefined],
    ["HTTPS", { mode: "Terminate" }],
  ])("is not allowed by a Gateway with a %s listener only", (protocol, mode) => {
    const listeners = [{ name: "web", port: 443, protocol, tls: mode }];
    const snapshot = look([gateway({ listeners }), tlsRoute(["a.example.com"]), service()]);
    expect(verdictsOf(snapshot, "db").listeners).toEqual({ web: "NotAllowedByListeners" });
  });

  it("is served alone by a pass-through listener, which calls TCPRoute an invalid kind", () => {
    const kinds = [{ kind: "TCPRoute" }, { kind: "TLSRoute" }];
    const snapshot = look([
      gateway({ listeners: [tls({ allowedRoutes: { kinds } })] }),
      tlsRoute(["a.example.com"]),
      route({ name: "raw" }),
      service(),
      slice(),
    ]);
    expect(verdictsOf(snapshot, "db").listeners).toEqual({ tls: "Accepted" });
    expect(verdictsOf(snapshot, "raw").listeners).toEqual({ tls: "NotAllowedByListeners" });
    expect(snapshot.problems).toMatchObject([
      { where: "Gateway shop/edge", code: "InvalidRouteKinds" },
    ]);
  });

  it("is not published by a listener that ends TLS: UnsupportedValue", () => {
    const snapshot = look([
      gateway({ listeners: [tls({ tls: { mode: "Terminate" } })] }),
      tlsRoute(["a.example.com"]),
      service(),
      slice(),
    ]);
    expect(onlyListener(snapshot).problemCode).toBe("UnsupportedValue");
    expect(snapshot.targets.size).toBe(0);
  });

  it("is published by one that ends TLS where the Gateway itself does so", () => {
    const programmed = {
      ...gateway({ listeners: [tls({ tls: { mode: "Terminate" } })] }),
      status: {
        addresses: [{ value: "203.0.113.7" }],
        conditions: [{ type: "Programmed", status: "True" }],
      },
    };
    const snapshot = look([programmed, tlsRoute(["a.example.com"]), service(), slice()]);
    expect(onlyListener(snapshot).problem).toBeNull();
    expect([...snapshot.targets.values()].flat()).toMatchObject([
      { addresses: [{ host: "203.0.113.7", port: 443 }] },
    ]);
  });

  it("finds no way through two modes on one port: ProtocolConflict for both listeners", () => {
    const listeners = [
      tls({ name: "ends", hostname: "a.example.com", tls: { mode: "Terminate" } }),
      tls({ name: "passes", hostname: "b.example.com" }),
    ];
    const snapshot = look([gateway({ listeners })]);
    expect(snapshot.gateways[0]?.listeners.map(({ problemCode }) => problemCode)).toEqual([
      "ProtocolConflict",
      "ProtocolConflict",
    ]);
  });

  it.each([
    ["BackendNotFound", { name: "gone", port: 443 }],
    ["InvalidKind", { name: "db", kind: "Bucket", group: "example.com", port: 443 }],
    ["RefNotPermitted", { name: "db", namespace: "data", port: 443 }],
  ])("reports %s", (reason, backendRef) => {
    const snapshot = look([
      gateway({ listeners: [tls()] }),
      tlsRoute(["a.example.com"], { backendRefs: [backendRef] }),
      service(),
    ]);
    expect(verdictsOf(snapshot, "db").listeners).toEqual({ tls: reason });
  });

  it("shares a listener with other TLSRoutes", () => {
    const snapshot = look([
      gateway({ listeners: [tls()] }),
      tlsRoute(["a.example.com"], { name: "a" }),
      tlsRoute(["b.example.com"], { name: "b", backendRefs: [{ name: "other", port: 5432 }] }),
      service(),
      slice(),
      service({ name: "other" }),
      slice({ service: "other" }),
    ]);
    expect(onlyListener(snapshot).backends.map(({ name }) => name)).toEqual(["db", "other"]);
  });
});
