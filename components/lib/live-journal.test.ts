import { describe, expect, it } from "vitest";
import { JOURNAL_EVENTS_MAX, LiveJournal } from "./live-journal.ts";

describe("LiveJournal", () => {
  it("tells what came after the mark", () => {
    const journal = new LiveJournal<number>();
    journal.note(1);
    const mark = journal.mark();
    expect(journal.since(mark)).toEqual([]);
    journal.note(2);
    journal.note(3);
    expect(journal.since(mark)).toEqual([2, 3]);
  });

  it("forgets the oldest at its bound and still counts right", () => {
    const journal = new LiveJournal<number>();
    for (let event = 0; event <= JOURNAL_EVENTS_MAX; event += 1) journal.note(event);
    const mark = journal.mark();
    journal.note(-1);
    expect(journal.since(mark)).toEqual([-1]);
    expect(journal.since(0).length).toBeLessThanOrEqual(JOURNAL_EVENTS_MAX);
  });
});
