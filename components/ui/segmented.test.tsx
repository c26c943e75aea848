import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, expect, it } from "vitest";
import { Segmented } from "./segmented.tsx";

afterEach(cleanup);

const OPTIONS = [
  { value: "a", label: "One" },
  { value: "b", label: "Two" },
  { value: "c", label: "Three", isDisabled: true },
] as const;

function Example() {
  const [value, setValue] = useState<"a" | "b" | "c">("a");
  return <Segmented label="Range" value={value} options={OPTIONS} onChange={setValue} />;
}

it("is a named group of radio buttons, of which one is chosen", async () => {
  const user = userEvent.setup();
  render(<Example />);
  const two = screen.getByRole<HTMLInputElement>("radio", { name: "Two" });
  expect(screen.getByRole("radiogroup", { name: "Range" })).toBeTruthy();
  await user.click(two);
  expect(two.checked).toBe(true);
  await user.click(screen.getByRole("radio", { name: "One" }));
  expect(two.checked).toBe(false);
});

it("leaves a disabled segment alone", async () => {
  render(<Example />);
  const three = screen.getByRole<HTMLInputElement>("radio", { name: "Three" });
  await userEvent.setup().click(three);
  expect(three.checked).toBe(false);
});
