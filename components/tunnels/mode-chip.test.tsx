import { cleanup, render } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import { ModeChip } from "./mode-chip.tsx";
import { makeDirectTunnel } from "./testing/make-direct.ts";
import { makeTunnel } from "./testing/make-tunnel.ts";

afterEach(cleanup);

const textOf = (tunnel: Parameters<typeof ModeChip>[0]["tunnel"], isLong = false) =>
  render(<ModeChip tunnel={tunnel} isLong={isLong} />).container.textContent;

it("names one mode where the wanted one is in force", () => {
  expect(textOf(makeDirectTunnel())).toBe("Direct");
  expect(textOf(makeTunnel())).toBe("Tunnel");
});

it("names both where they differ, in words that can be heard", () => {
  const lost = makeDirectTunnel({ wanted: "dual", state: "not_answering" });
  expect(textOf(lost)).toBe("Dual is wanted, in force is Tunnel");
  expect(textOf(lost, true)).toBe("Dual wanted, tunnel in force");
});
