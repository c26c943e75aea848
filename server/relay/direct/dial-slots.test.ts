import { describe, expect, it } from "vitest";
import { DialSlots } from "./dial-slots.ts";

describe("the slots for dials", () => {
  it("are never more than there are, and go to the urgent first, then to who came first", async () => {
    const slots = new DialSlots(1);
    const order: string[] = [];
    const take = async (name: string, isUrgent: boolean): Promise<void> => {
      const release = await slots.acquire(isUrgent);
      order.push(name);
      await Promise.resolve();
      release();
    };
    const first = await slots.acquire(false);
    const all = [
      take("a", false),
      take("b", false),
      take("urgent 1", true),
      take("urgent 2", true),
    ];
    await Promise.resolve();
    expect(order).toEqual([]);
    first();
    await Promise.all(all);
    expect(order).toEqual(["urgent 1", "urgent 2", "a", "b"]);
  });
});
