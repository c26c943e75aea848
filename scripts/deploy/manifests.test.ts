import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { PERMISSIONS } from "#agent/discovery/kubernetes/permissions.ts";
import { WATCHED_KINDS } from "#agent/discovery/kubernetes/watched-kinds.ts";

interface ClusterRole {
  readonly kind: string;
  readonly rules: readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly resourceNames?: readonly string[];
    readonly verbs: readonly string[];
  }[];
}

describe("the agent's permissions", () => {
  it("let it mirror every kind that discovery watches, and no other", () => {
    const mirrored = PERMISSIONS.filter(
      ({ feature, verbs }) => feature === "discovery" && verbs.join() === "list,watch",
    );
    const granted = mirrored.flatMap(({ group, resources }) =>
      resources.map((resource) => `${group}/${resource}`),
    );
    const watched = WATCHED_KINDS.map(({ group, resource }) => `${group}/${resource}`);
    expect(granted.sort()).toEqual(watched.sort());
  });

  it("are those of the manifests: what discovery and the view of the cluster need", () => {
    const objects = parseAllDocuments(readFileSync("deploy/manifests/agent.yaml", "utf8")).map(
      (document) => document.toJS() as ClusterRole,
    );
    const role = objects.find(({ kind }) => kind === "ClusterRole");
    const wanted = PERMISSIONS.filter(({ feature }) =>
      ["discovery", "cluster-view"].includes(feature),
    ).map(({ group, resources, verbs, names }) => ({
      apiGroups: [group],
      resources,
      verbs,
      ...(names === undefined ? {} : { resourceNames: names }),
    }));
    expect(role?.rules).toHaveLength(wanted.length);
    expect(role?.rules).toEqual(expect.arrayContaining(wanted));
  });
});
