import { describe, expect, it } from "vitest";
import { ClusterId, TokenId } from "#protocol/api/ids.ts";
import type { DesiredState } from "#protocol/relay/desired-state.ts";
import { diffDesired } from "./diff-desired.ts";

const id = (n: number) => ClusterId.parse(`cl_${String(n).padStart(8, "0")}`);
const cluster = (n: number, name = `cluster ${n}`) => ({ id: id(n), name });
const token = (n: number, expiresAt: number | null = null) => ({
  tokenId: TokenId.parse(`tk_${String(n).padStart(8, "0")}`),
  clusterId: id(n),
  sha256: "0".repeat(64),
  expiresAt,
});
const state = (part: Partial<DesiredState>): DesiredState => ({
  clusters: [],
  tokens: [],
  tunnels: [],
  ...part,
});

describe("diffDesired", () => {
  it("finds nothing between equal states", () => {
    const both = state({ clusters: [cluster(1)], tokens: [token(1)] });
    expect(diffDesired(both, structuredClone(both))).toBeNull();
  });

  it("names what is new, what changed and what is gone", () => {
    const before = state({ clusters: [cluster(1), cluster(2), cluster(3)] });
    const after = state({ clusters: [cluster(1), cluster(2, "renamed"), cluster(4)] });
    expect(diffDesired(before, after)?.clusters).toEqual({
      upsert: [cluster(2, "renamed"), cluster(4)],
      remove: [id(3)],
    });
  });

  it("knows tokens by their own id", () => {
    const change = diffDesired(state({ tokens: [token(1)] }), state({ tokens: [token(1, 5)] }));
    expect(change?.tokens).toEqual({ upsert: [token(1, 5)], remove: [] });
    expect(change?.clusters).toEqual({ upsert: [], remove: [] });
  });

  it("does not mind another order", () => {
    const before = state({ clusters: [cluster(1), cluster(2)] });
    expect(diffDesired(before, state({ clusters: [cluster(2), cluster(1)] }))).toBeNull();
  });
});
