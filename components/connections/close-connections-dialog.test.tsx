import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import { TRAFFIC } from "#components/tunnels/traffic-words.ts";
import { CloseConnectionsDialog } from "./close-connections-dialog.tsx";

afterEach(cleanup);

const SHORT = "So are requests in flight that are too young to be listed.";

describe("the question before many are closed", () => {
  it.each([
    ["tcp", undefined, "1 connection on it is cut at once, in the middle of whatever it does."],
    ["udp", undefined, "1 association on it is cut at once, in the middle of whatever it does."],
    ["http", SHORT, `1 request on it is cut at once, in the middle of whatever it does. ${SHORT}`],
  ] as const)("counts in terms of %s, and says what else ends", (protocol, also, words) => {
    render(
      <CloseConnectionsDialog
        isOpen
        count={1}
        words={TRAFFIC[protocol]}
        {...(also !== undefined && { also })}
        where="on it"
        isBusy={false}
        onOpenChange={() => undefined}
        onConfirm={() => undefined}
      />,
    );
    expect(screen.getByText(`${words} Clients may connect again.`)).toBeDefined();
    const { one } = TRAFFIC[protocol];
    expect(screen.getByRole("button", { name: `Close 1 ${one}` })).toBeDefined();
  });
});
