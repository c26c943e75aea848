import { act, cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState, type FormEvent, type ReactNode } from "react";
import { afterEach, expect, it, vi } from "vitest";
import { Button } from "./button.tsx";
import { Segmented } from "./segmented.tsx";
import { Switch } from "./switch.tsx";

afterEach(cleanup);

const OPTIONS = [
  { value: "a", label: "One" },
  { value: "b", label: "Two" },
] as const;

interface Change {
  readonly next: () => void;
  readonly isBusy: boolean;
}

/** Changes take until `finish` is called, as those that ask the server do. */
function setup(draw: (change: Change) => ReactNode) {
  const asked = vi.fn();
  let finish = (): void => undefined;
  function Example() {
    const [isBusy, setBusy] = useState(false);
    finish = () => setBusy(false);
    const next = (): void => {
      asked();
      setBusy(true);
    };
    return draw({ next, isBusy });
  }
  render(<Example />);
  return { user: userEvent.setup(), asked, finish: () => act(() => finish()) };
}

it("leaves the focus on a switch while the change is under way, and takes no second one", async () => {
  const { user, asked, finish } = setup(({ next, isBusy }) => (
    <Switch label="Force" isOn={false} isBusy={isBusy} onChange={next} />
  ));
  const control = screen.getByRole("switch");
  control.focus();
  await user.keyboard(" ");
  expect(control.getAttribute("aria-disabled")).toBe("true");
  expect(document.activeElement).toBe(control);
  await user.keyboard(" ");
  await user.click(control);
  expect(asked).toHaveBeenCalledTimes(1);
  finish();
  expect(document.activeElement).toBe(control);
  await user.keyboard(" ");
  expect(asked).toHaveBeenCalledTimes(2);
});

it("leaves the focus on a segment while the change is under way, and takes no second one", async () => {
  const { user, asked } = setup(({ next, isBusy }) => (
    <Segmented label="Mode" value="a" options={OPTIONS} isBusy={isBusy} onChange={next} />
  ));
  const two = screen.getByRole("radio", { name: "Two" });
  await user.click(two);
  expect(document.activeElement).toBe(two);
  await user.click(two);
  expect(asked).toHaveBeenCalledTimes(1);
});

it("leaves the focus on a button while the work is under way, and neither clicks nor submits", async () => {
  const submitted = vi.fn((event: FormEvent) => event.preventDefault());
  const { user, asked } = setup(({ next, isBusy }) => (
    <form onSubmit={submitted}>
      <Button type="submit" isBusy={isBusy} onClick={next}>
        Save
      </Button>
    </form>
  ));
  const save = screen.getByRole("button");
  save.focus();
  await user.keyboard("{Enter}");
  expect(document.activeElement).toBe(save);
  await user.keyboard("{Enter}");
  await user.click(save);
  expect([asked, submitted].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
});

it("leaves the focus on a button that waits for another one, without calling it busy", async () => {
  const { user, asked } = setup(({ next }) => (
    <Button isInert onClick={next}>
      Back to the defaults
    </Button>
  ));
  const waiting = screen.getByRole("button");
  waiting.focus();
  await user.keyboard("{Enter}");
  await user.click(waiting);
  expect(asked).not.toHaveBeenCalled();
  expect(document.activeElement).toBe(waiting);
  expect(waiting.getAttribute("aria-disabled")).toBe("true");
  expect(waiting.hasAttribute("aria-busy")).toBe(false);
  expect(waiting.childElementCount).toBe(0);
});
