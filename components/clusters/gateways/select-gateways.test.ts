import { describe, expect, it } from "vitest";
import { makeGateway, makeProblem } from "../testing/make-gateway.ts";
import { selectGateways, splitProblems } from "./select-gateways.ts";

describe("selectGateways", () => {
  const gateways = [
    makeGateway("edge", { hostnames: ["db.example.com"] }, ["203.0.113.7"]),
    makeGateway("inner", { problem: "Why.", problemCode: "ProtocolConflict", name: "cache" }),
  ];
  it.each([
    ["", ["edge", "inner"]],
    ["shop/edge", ["edge"]],
    ["DB.Example", ["edge"]],
    ["203.0", ["edge"]],
    ["protocolconflict", ["inner"]],
    ["cache", ["inner"]],
    ["orders-db", ["edge", "inner"]],
    ["nothing", []],
  ])("by %s", (typed, names) => {
    expect(selectGateways(gateways, typed).map(({ name }) => name)).toEqual(names);
  });
});

describe("splitProblems", () => {
  it("puts problems of Gateways that are shown beside them, and keeps the rest", () => {
    const problems = [
      makeProblem("Gateway shop/edge", "UnsupportedProtocol"),
      makeProblem("Gateway shop/gone", null),
      makeProblem("TCPRoute shop/lost", "NoMatchingParent"),
    ];
    const split = splitProblems({ items: [makeGateway("edge")], nextCursor: null, problems });
    expect(split.byGateway.get("Gateway shop/edge")).toEqual([problems[0]]);
    expect(split.others).toEqual(problems.slice(1));
  });
});
