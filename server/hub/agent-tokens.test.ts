import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { ClusterId, TokenId } from "#protocol/api/ids.ts";
import type { DesiredToken } from "#protocol/relay/desired-state.ts";
import { AgentTokens } from "./agent-tokens.ts";

const token = (text: string, expiresAt: number | null = null): DesiredToken => ({
  tokenId: TokenId.parse(`tk_${createHash("sha1").update(text).digest("hex").slice(0, 20)}`),
  clusterId: ClusterId.parse("cl_00000000000000000001"),
  sha256: createHash("sha256").update(text).digest("hex"),
  expiresAt,
});

function setup(...tokens: DesiredToken[]) {
  const table = new AgentTokens();
  table.replace(tokens);
  return table;
}

describe("AgentTokens", () => {
  it("admits nobody while it is empty, not even an empty token", () => {
    const table = setup();
    for (const header of [undefined, "", "Bearer ", "Bearer x"]) {
      expect(table.check(header, 0).result).toBe("unknown");
    }
  });

  it("refuses the hash of the empty text, should it ever be listed", () => {
    expect(setup(token("")).check("Bearer ", 0).result).toBe("unknown");
  });

  it.each([
    ["Bearer good", "valid"],
    ["bearer good", "valid"],
    ["Bearer  good", "valid"],
    ["good", "unknown"],
    ["Basic good", "unknown"],
    ["Bearer good more", "unknown"],
    [`Bearer ${"g".repeat(600)}`, "unknown"],
  ])("reads the header %s as %s", (header, result) => {
    expect(setup(token("good"), token("g".repeat(600))).check(header, 0).result).toBe(result);
  });

  it("tells an expired token from an unknown one, to the millisecond", () => {
    const table = setup(token("short", 1_000));
    expect(table.check("Bearer short", 999).result).toBe("valid");
    expect(table.check("Bearer short", 1_000).result).toBe("expired");
    expect(table.isValid(token("short").tokenId, 999)).toBe(true);
    expect(table.isValid(token("short").tokenId, 1_000)).toBe(false);
  });

  it("forgets what the next list does not name", () => {
    const table = setup(token("old"));
    table.replace([token("new")]);
    expect(table.check("Bearer old", 0).result).toBe("unknown");
    expect(table.isValid(token("old").tokenId, 0)).toBe(false);
  });
});
