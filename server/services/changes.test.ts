import { describe, expect, it } from "vitest";
import { Changes, type Change } from "./changes.ts";

const TUNNEL: Change = { kind: "tunnel", id: "tn_1" };

describe("Changes", () => {
  it("tells everybody, in order, until they leave", () => {
    const changes = new Changes(() => undefined);
    const seen: string[] = [];
    const leave = changes.subscribe((change) => seen.push(`a ${change.id}`));
    changes.subscribe((change) => seen.push(`b ${change.id}`));
    changes.publish(TUNNEL);
    leave();
    changes.publish(TUNNEL);
    expect(seen).toEqual(["a tn_1", "b tn_1", "b tn_1"]);
  });

  it("reports a listener that throws and tells the others all the same", () => {
    const reported: unknown[] = [];
    const changes = new Changes((error) => reported.push(error));
    const failure = new Error("no");
    const seen: Change[] = [];
    changes.subscribe(() => {
      throw failure;
    });
    changes.subscribe((change) => seen.push(change));
    changes.publish(TUNNEL);
    expect(reported).toEqual([failure]);
    expect(seen).toEqual([TUNNEL]);
  });
});
