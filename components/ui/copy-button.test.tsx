import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it } from "vitest";
import { CopyButton } from "./copy-button.tsx";

afterEach(cleanup);

it("copies and says so in place", async () => {
  const user = userEvent.setup();
  render(<CopyButton text="relay:15002" what="endpoint" />);
  await user.click(screen.getByRole("button", { name: "Copy endpoint" }));
  expect(await screen.findByRole("button", { name: "Copied" })).toBeTruthy();
  expect(await navigator.clipboard.readText()).toBe("relay:15002");
  expect(screen.getByRole("status").textContent).toBe("endpoint copied");
});
