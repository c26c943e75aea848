import { describe, expect, it } from "vitest";
import {
  bundleWords,
  formatCores,
  isOld,
  kubeletWords,
  nodeNotes,
  podPhases,
} from "./resource-words.ts";

describe("formatCores", () => {
  it.each([
    [1_000, "1 core"],
    [3_920, "3.92 cores"],
    [500, "0.5 cores"],
    [16_000, "16 cores"],
    [203_840, "204 cores"],
    [1_500_000, "1,500 cores"],
    [0, "0 cores"],
  ])("says %i thousandths as %s", (millicores, text) => {
    expect(formatCores(millicores)).toBe(text);
  });
});

describe("podPhases", () => {
  it("leaves empty phases out and accounts for every pod", () => {
    const pods = { total: 12, running: 8, pending: 0, succeeded: 1, failed: 1 };
    expect(podPhases(pods).map(({ name, count }) => [name, count])).toEqual([
      ["Running", 8],
      ["Failed", 1],
      ["Succeeded", 1],
      ["Unknown", 2],
    ]);
  });
});

describe("what is said of nodes", () => {
  const nodes = (facts: object) => ({
    total: 3,
    ready: 3,
    unschedulable: 0,
    kubeletVersions: [{ version: "v1.36.3", nodes: 3 }],
    ...facts,
  });

  it("is nothing when all is well", () => {
    expect(nodeNotes(nodes({}))).toEqual([]);
    expect(kubeletWords(nodes({}))).toBe("kubelet v1.36.3");
  });

  it("names what is not, and which kubelets differ", () => {
    expect(nodeNotes(nodes({ ready: 1, unschedulable: 1 }))).toEqual([
      "2 not ready",
      "1 takes no new pods",
    ]);
    const kubeletVersions = [
      { version: "v1.36.3", nodes: 2 },
      { version: "v1.35.2", nodes: 1 },
    ];
    expect(kubeletWords(nodes({ kubeletVersions }))).toBe("v1.36.3 on 2, v1.35.2 on 1");
    expect(kubeletWords(nodes({ kubeletVersions: [] }))).toBeNull();
  });
});

describe("bundleWords", () => {
  const kinds = [{ kind: "Gateway", version: "v1", served: ["v1"], advice: null }];
  it.each([
    [{ bundleVersion: "v1.6.3", channel: "standard", kinds }, "v1.6.3, standard channel"],
    [{ bundleVersion: null, channel: null, kinds }, "installed, version unknown"],
    [{ bundleVersion: null, channel: null, kinds: [] }, "not installed"],
  ])("%#", (status, words) => {
    expect(bundleWords(status)).toBe(words);
  });
});

it("calls a count old when several were missed", () => {
  const at = "2026-01-02T03:04:05Z";
  expect(isOld(at, Date.parse(at) + 4 * 60_000)).toBe(false);
  expect(isOld(at, Date.parse(at) + 6 * 60_000)).toBe(true);
});
