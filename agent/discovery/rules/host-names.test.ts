import { describe, expect, it } from "vitest";
import { haveCommonHost, intersectHostnames } from "./host-names.ts";

describe("intersectHostnames", () => {
  it.each([
    [null, [], []],
    ["", ["A.example.com"], ["a.example.com"]],
    ["A.example.com", [], ["a.example.com"]],
    ["a.example.com", ["*.example.com", "b.example.com"], ["a.example.com"]],
    [
      "*.example.com",
      ["a.b.example.com", "*.b.example.com"],
      ["a.b.example.com", "*.b.example.com"],
    ],
    ["*.example.com", ["*.com"], ["*.example.com"]],
    ["a.example.com", ["*.com", "*.example.com"], ["a.example.com"]],
    ["*.example.com", ["example.com", "evil-example.com"], null],
  ])("listener %s, route %j: %j", (listenerHost, routeHosts, expected) => {
    expect(intersectHostnames(listenerHost, routeHosts)).toEqual(expected);
  });
});

describe("haveCommonHost", () => {
  it.each([
    [[], ["a.com"], true],
    [["a.com"], [], true],
    [["a.com", "b.com"], ["b.com"], true],
    [["*.b.com"], ["a.b.com"], true],
    [["a.com"], ["b.com"], false],
  ])("%j and %j: %s", (left, right, expected) => {
    expect(haveCommonHost(left, right)).toBe(expected);
  });
});
