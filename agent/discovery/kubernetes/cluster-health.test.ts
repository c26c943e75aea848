import { describe, expect, it } from "vitest";
import { KubernetesApiError } from "./api-error.ts";
import { ClusterHealth } from "./cluster-health.ts";

const failing = (resource: string, status: number, message = "It failed.") => ({
  resource,
  error: new KubernetesApiError({ status, code: String(status), message }),
});
const well = (resource: string) => ({ resource, error: null });

describe("ClusterHealth", () => {
  it("calls one outage one problem, however many kinds it hits and however its error changes", () => {
    const health = new ClusterHealth();
    expect(health.update([failing("gateways", 0, "Refused."), well("tcproutes")])).toBe(true);
    const first = health.problems;
    expect(first).toHaveLength(1);
    expect(health.update([failing("gateways", 503), failing("tcproutes", 0)])).toBe(false);
    expect(health.update([well("gateways"), failing("tcproutes", 429)])).toBe(false);
    expect(health.problems).toEqual(first);
    expect(health.update([well("gateways"), well("tcproutes")])).toBe(true);
    expect(health.problems).toEqual([]);
  });

  it("names each kind that may not be read, beside an outage", () => {
    const health = new ClusterHealth();
    health.update([failing("tcproutes", 403), failing("services", 500), failing("nodes", 403)]);
    expect(health.problems.map(({ where }) => where)).toEqual([
      "Kubernetes API",
      "tcproutes",
      "nodes",
    ]);
  });

  it("does not mind kinds that are not served: versions are somebody else's matter", () => {
    const health = new ClusterHealth();
    expect(health.update([failing("udproutes", 404)])).toBe(false);
    expect(health.problems).toEqual([]);
  });
});
