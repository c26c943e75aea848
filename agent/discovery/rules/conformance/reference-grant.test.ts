import { describe, expect, it } from "vitest";
import { gateway, grant, look, onlyListener, route, service, slice } from "../testing/objects.ts";

/*
 * What the conformance tests of Gateway API 1.6 assert of ReferenceGrant between routes and Services.
 */

const PROTOCOL_BY_KIND = {
  TCPRoute: "TCP",
  UDPRoute: "UDP",
  HTTPRoute: "HTTP",
  GRPCRoute: "HTTP",
  TLSRoute: "TLS",
} as const;

describe.each(Object.entries(PROTOCOL_BY_KIND))("a %s into another namespace", (kind, protocol) => {
  const transport = protocol === "UDP" ? "UDP" : "TCP";
  const shop = [
    gateway({ listeners: [{ name: "one", protocol, port: 9000 }] }),
    route({ kind, backendRefs: [{ name: "db", namespace: "data", port: 5432 }] }),
    service({
      namespace: "data",
      spec: { ports: [{ name: "pg", port: 5432, protocol: transport }] },
    }),
    slice({ namespace: "data", ports: [{ name: "pg", port: 15432, protocol: transport }] }),
  ];
  const allow = (parts: Parameters<typeof grant>[0] = {}): object =>
    grant({ ...parts, from: { kind, ...parts.from } });
  const codeWith = (...grants: readonly object[]): string | null =>
    onlyListener(look([...shop, ...grants])).problemCode;

  it.each([
    ["every Service", allow()],
    ["this Service", allow({ to: { name: "db" } })],
  ])("is permitted by a grant for %s", (_what, one) => {
    expect(codeWith(one)).toBeNull();
  });

  it.each([
    ["in the namespace of the route", allow({ namespace: "shop" })],
    ["from another group", allow({ from: { group: "example.com" } })],
    ["from another kind", allow({ from: { kind: "Gateway" } })],
    ["from another namespace", allow({ from: { namespace: "elsewhere" } })],
    ["to another group", allow({ to: { group: "example.com" } })],
    ["to another kind", allow({ to: { kind: "Secret" } })],
    ["to another name", allow({ to: { name: "other" } })],
  ])("is not permitted by a grant %s", (_what, one) => {
    expect(codeWith(one)).toBe("RefNotPermitted");
  });

  it("is permitted by one of several grants, and no longer once that is gone", () => {
    const useless = allow({ to: { name: "other" } });
    expect(codeWith(useless, allow(), useless)).toBeNull();
    expect(codeWith(useless, useless)).toBe("RefNotPermitted");
    expect(codeWith()).toBe("RefNotPermitted");
  });

  it("learns nothing of what exists where it may not look", () => {
    const objects = shop.slice(0, 2);
    expect(onlyListener(look(objects)).problemCode).toBe("RefNotPermitted");
    expect(onlyListener(look([...objects, allow()])).problemCode).toBe("BackendNotFound");
  });
});
