import { cleanup, render, screen, within } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import type { ClusterDetailsDto } from "#protocol/api/clusters.ts";
import { GatewayApiCard } from "./gateway-api-card.tsx";
import { ResourcesCard } from "./resources-card.tsx";

afterEach(cleanup);

type Resources = NonNullable<ClusterDetailsDto["resources"]>;

const RESOURCES: Resources = {
  at: "2026-01-02T03:04:05Z",
  kubernetesVersion: "v1.36.3",
  nodes: {
    total: 6,
    ready: 4,
    unschedulable: 1,
    kubeletVersions: [{ version: "v1.36.3", nodes: 6 }],
  },
  capacity: { cpuMillicores: 23_520, memoryBytes: 6 * 2 ** 34, pods: 660 },
  pods: { total: 1_230, running: 1_200, pending: 30, succeeded: 0, failed: 0 },
  services: { total: 40, loadBalancers: 2 },
  namespaces: 12,
  problems: [],
};

/** What stands under the name of a figure. */
function figure(name: string): string {
  return screen.getByText(name).parentElement?.querySelector("dd")?.textContent ?? "";
}

describe("ResourcesCard", () => {
  it("says what the cluster consists of, with units, and what is amiss", () => {
    render(<ResourcesCard resources={RESOURCES} loadBalancers={["203.0.113.9"]} />);
    expect(figure("Nodes ready")).toMatch(/4 of 6.*2 not ready.*1 takes no new pods.*v1\.36\.3/);
    expect(figure("Pods")).toMatch(/1,230.*1,200 running.*30 pending/);
    expect(figure("Pods")).not.toContain("failed");
    expect(figure("Capacity")).toMatch(/23\.5 cores.*96\.0 GiB.*660 pods/);
    expect(figure("Services")).toMatch(/40.*2 LoadBalancers.*12 namespaces/);
    expect(screen.getByText("203.0.113.9")).toBeTruthy();
  });

  it("says what the agent may not read, and why", () => {
    const problem = "The agent may not read nodes: its role in the cluster does not allow it.";
    const limited = { ...RESOURCES, nodes: null, capacity: null, problems: [problem] };
    render(<ResourcesCard resources={limited} loadBalancers={[]} />);
    expect(figure("Nodes ready")).toBe("Not permitted");
    expect(figure("Capacity")).toBe("Not permitted");
    expect(figure("Pods")).toContain("1,230");
    expect(screen.getByText(problem)).toBeTruthy();
  });

  it("says that nothing was counted yet", () => {
    render(<ResourcesCard resources={null} loadBalancers={[]} />);
    expect(screen.getByText("Nothing was counted yet")).toBeTruthy();
  });
});

describe("GatewayApiCard", () => {
  const served = { kind: "Gateway", version: "v1", served: ["v1", "v1beta1"], advice: null };
  const row = (kind: string) => within(screen.getByRole("row", { name: new RegExp(`^${kind} `) }));

  it("says which version is in use, what is served, and what to do where one is missing", () => {
    const advice = "TCPRoute is not installed: install Gateway API 1.6 or later.";
    const missing = { kind: "TCPRoute", version: null, served: [], advice };
    const kinds = [served, missing];
    render(<GatewayApiCard status={{ bundleVersion: "v1.5.1", channel: "standard", kinds }} />);
    expect(screen.getByText("v1.5.1, standard channel")).toBeTruthy();
    expect(row("Gateway").getByText("v1, v1beta1")).toBeTruthy();
    expect(row("TCPRoute").getByText("Not served")).toBeTruthy();
    expect(row("TCPRoute").getByText(advice)).toBeTruthy();
  });

  it("leaves the advice out where all is well", () => {
    const status = { bundleVersion: "v1.6.3", channel: "standard", kinds: [served] };
    render(<GatewayApiCard status={status} />);
    expect(screen.queryByRole("columnheader", { name: "What to do" })).toBeNull();
  });

  it("says that nobody asked", () => {
    render(<GatewayApiCard status={null} />);
    expect(screen.getByText("No agent has told which versions are served")).toBeTruthy();
  });
});
