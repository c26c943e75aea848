import { cleanup, render, screen, within } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import { makeGateway, makeProblem } from "../testing/make-gateway.ts";
import { GatewayCard } from "./gateway-card.tsx";

afterEach(cleanup);

it("says of a published listener that it is, with what leads to it and no code", () => {
  render(<GatewayCard gateway={makeGateway("edge")} problems={[]} />);
  expect(screen.getByText("1 of 1 published")).toBeDefined();
  expect(screen.getByRole("link", { name: "Published" }).getAttribute("href")).toBe(
    "/tunnels/tn_01",
  );
  const routes = screen.getByRole("list", { name: "Routes of db" });
  expect(within(routes).getByText("TCPRoute shop/orders")).toBeDefined();
  expect(within(routes).queryByRole("code")).toBeNull();
  const backends = within(routes).getByRole("list", { name: "Backends of db" });
  expect(within(backends).getByText("shop/orders-db:5432")).toBeDefined();
});

it("gives code and sentence of a listener, of a route and of the Gateway itself", () => {
  const gateway = makeGateway("edge", {
    problem: "Service shop/gone does not exist.",
    problemCode: "BackendNotFound",
    backends: [],
    routes: [
      {
        kind: "TCPRoute",
        namespace: "shop",
        name: "orders",
        accepted: false,
        reason: "RefNotPermitted",
        message: "No grant.",
      },
    ],
  });
  const problem = makeProblem("Gateway shop/edge", "UnsupportedProtocol");
  render(<GatewayCard gateway={gateway} problems={[problem]} />);
  const codes = screen.getAllByRole("code").map(({ textContent }) => textContent);
  expect(codes).toEqual(["UnsupportedProtocol", "BackendNotFound", "RefNotPermitted"]);
  expect(screen.getByText("0 of 1 published")).toBeDefined();
  expect(screen.getByRole("link", { name: "Pending" })).toBeDefined();
  expect(screen.getByText("Refused")).toBeDefined();
});

it("adds what is worth knowing of an accepted route", () => {
  const waits = {
    kind: "TCPRoute",
    namespace: "shop",
    name: "late",
    accepted: true,
    reason: "Accepted",
    message: "TCPRoute shop/late waits.",
  };
  const gateway = makeGateway("edge", { routes: [waits] });
  render(<GatewayCard gateway={gateway} problems={[]} />);
  expect(screen.getByText("Accepted")).toBeDefined();
  expect(screen.getByText("TCPRoute shop/late waits.")).toBeDefined();
  expect(screen.queryByRole("code")).toBeNull();
});
