import { expect, it } from "vitest";
import { TOASTS_MAX, ToastStore, UNDO_MS } from "./toast-store.ts";

const titles = (store: ToastStore): string[] => store.get().map(({ title }) => title);

it("shows the newest few", () => {
  const store = new ToastStore();
  for (let index = 0; index <= TOASTS_MAX; index += 1) store.show({ title: String(index) });
  expect(titles(store)).toEqual(["1", "2", "3"]);
});

it("lets a newer toast on the same matter take the older one's place", () => {
  const store = new ToastStore();
  store.show({ title: "forced", about: "force:fleet" });
  store.show({ title: "other" });
  store.show({ title: "released", about: "force:fleet" });
  expect(titles(store)).toEqual(["other", "released"]);
});

it("keeps those apart that are about nothing in particular", () => {
  const store = new ToastStore();
  store.show({ title: "a" });
  store.show({ title: "b" });
  expect(titles(store)).toEqual(["a", "b"]);
});

it("offers to undo for eight seconds", () => {
  const store = new ToastStore();
  store.show({ title: "a", onUndo: () => undefined });
  expect(store.get()[0]?.durationMs).toBe(UNDO_MS);
  expect(UNDO_MS).toBe(8_000);
});

it("takes one away and tells listeners", () => {
  const store = new ToastStore();
  let calls = 0;
  store.subscribe(() => {
    calls += 1;
  });
  const id = store.show({ title: "a" });
  store.dismiss(id);
  expect(store.get()).toEqual([]);
  expect(calls).toBe(2);
});
