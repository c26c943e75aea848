import { describe, expect, it } from "vitest";
import { tunnelName } from "./tunnel-name.ts";

const named = (listener: string, gateway = "edge") => ({
  gateway: { namespace: "shop", name: gateway },
  listener: { name: listener, port: 5432, hostnames: [] },
});

describe("tunnelName", () => {
  it.each(["postgres", "orders-db", "tcp-echo", "http2-api"])("says %s alone", (listener) => {
    expect(tunnelName(named(listener))).toBe(listener);
  });

  it.each(["tcp", "TCP-1", "http", "https", "listener-2", "default", "port-5432", "5432"])(
    "puts the gateway before %s, which says nothing",
    (listener) => {
      expect(tunnelName(named(listener))).toBe(`edge / ${listener}`);
    },
  );

  it("says a shared name once", () => {
    expect(tunnelName(named("http", "http"))).toBe("http");
  });

  it("falls back to the port of a listener without a name", () => {
    expect(tunnelName(named(""))).toBe("edge / 5432");
  });
});
