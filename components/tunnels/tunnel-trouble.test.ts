import { describe, expect, it } from "vitest";
import { makeHttpTunnel } from "./testing/make-http-tunnel.ts";
import { makeTunnel } from "./testing/make-tunnel.ts";
import { errorLabel, serviceTrouble } from "./tunnel-trouble.ts";

const AT = "2026-11-21T14:02:11.000Z";

describe("a tunnel's last error", () => {
  it("is named in the words of its protocol where both have the same reason", () => {
    expect(errorLabel("limit_reached", "tcp")).toBe("Connection limit reached");
    expect(errorLabel("limit_reached", "http")).toBe("Too many requests are in flight");
    expect(errorLabel("upstream_reset", "http")).toBe("Service cut the connection");
    expect(errorLabel("not_known_yet", "tcp")).toBe("not_known_yet");
  });

  it("is no trouble with the service when its answer broke off", () => {
    for (const reason of ["upstream_reset", "agent_lost", "route_timeout"]) {
      const lastError = { reason, at: AT, isOver: false };
      expect(serviceTrouble(makeHttpTunnel({ lastError }))).toBeNull();
    }
  });

  it("is not said of a backend when there are several", () => {
    const lastError = { reason: "dial_refused", at: AT, isOver: false };
    const one = makeTunnel({ lastError });
    const several = makeTunnel({ lastError, backends: [...one.backends, ...one.backends] });
    expect(serviceTrouble(one)?.ofBackend).toBe("not answering");
    expect(serviceTrouble(several)).toMatchObject({ ofBackend: null });
  });
});
