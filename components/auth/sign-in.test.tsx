import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { SignInForm } from "./sign-in-form.tsx";
import { SignInLink } from "./sign-in-link.tsx";

const COMMAND = "node bin/culvert.ts admin sign-in-link";

beforeEach(() => {
  const error = { code: "not_found", message: "The link is not valid any more", retryable: false };
  vi.stubGlobal("fetch", async () => Response.json({ error }, { status: 404 }));
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it("names the command that works on the server's machine beside the form", () => {
  render(<SignInForm returnPath="/" linkCommand={COMMAND} />);
  expect(screen.getByText(COMMAND)).toBeTruthy();
  expect(screen.getByRole("button", { name: "Copy command" })).toBeTruthy();
});

it("names it only once a link turned out to be spent", async () => {
  render(<SignInLink token="spent" linkCommand={COMMAND} />);
  expect(screen.queryByText(COMMAND)).toBeNull();
  expect((await screen.findByRole("alert")).textContent).toContain("used already");
  expect(screen.getByText(COMMAND)).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Sign in" })).toBeNull();
});
