import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it } from "vitest";
import { ConfirmDialog } from "./confirm-dialog.tsx";

afterEach(cleanup);

function setup() {
  const calls: string[] = [];
  render(
    <ConfirmDialog
      isOpen
      onOpenChange={(isOpen) => calls.push(isOpen ? "opened" : "closed")}
      title="Close connections?"
      description="12 connections on 3 tunnels will be closed."
      confirmLabel="Close 12 connections"
      onConfirm={() => calls.push("confirmed")}
    />,
  );
  return { calls, user: userEvent.setup() };
}

it("gives the focus to the safe button", async () => {
  const { calls, user } = setup();
  expect(document.activeElement?.textContent).toBe("Cancel");
  await user.keyboard("{Enter}");
  expect(calls).toEqual(["closed"]);
});

it("confirms by the button that names what happens, and by nothing else", async () => {
  const { calls, user } = setup();
  await user.click(screen.getByRole("button", { name: "Close 12 connections" }));
  expect(calls).toEqual(["confirmed"]);
});
