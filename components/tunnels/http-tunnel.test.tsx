import { cleanup, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it } from "vitest";
import { HttpFiguresCard } from "./http-figures-card.tsx";
import { DIRECT_ADDRESS } from "./testing/make-direct.ts";
import { makeHttpTunnel } from "./testing/make-http-tunnel.ts";
import { makeTunnel } from "./testing/make-tunnel.ts";
import { TunnelHeader } from "./tunnel-header.tsx";

afterEach(cleanup);

type Change = Parameters<typeof makeHttpTunnel>[0];
const SITE = "http://shop-00000001.tunnel.localhost:8080/";

describe("the header of an HTTP tunnel", () => {
  const openSite = () => screen.queryByRole("link", { name: /^Open site/ });

  it("opens the site in a tab of its own that learns nothing of this page", () => {
    render(<TunnelHeader tunnel={makeHttpTunnel()} />);
    expect(openSite()?.getAttribute("href")).toBe(SITE);
    expect(openSite()?.getAttribute("target")).toBe("_blank");
    expect(openSite()?.getAttribute("rel")).toContain("noopener");
    expect(screen.getByRole("button", { name: "Copy address" })).toBeDefined();
  });

  it("opens the direct address while that is where clients go", () => {
    const tunnel = makeHttpTunnel({
      routingMode: { desired: "direct", effective: "direct", reason: "", forced: false },
      endpoints: [{ kind: "direct", address: DIRECT_ADDRESS, verifiedAt: null, problem: null }],
    });
    render(<TunnelHeader tunnel={tunnel} />);
    expect(openSite()?.getAttribute("href")).toBe(`http://${DIRECT_ADDRESS}/`);
  });

  it("offers no site where there is none", () => {
    render(<TunnelHeader tunnel={makeTunnel()} />);
    expect(openSite()).toBeNull();
    expect(screen.queryByRole("list", { name: "Addresses of the site" })).toBeNull();
  });

  it("names every other host name, and says why one does not lead here", () => {
    const hostnames = [
      { name: "shop.example.com", problem: null },
      { name: "*.shop.example.com", problem: null },
      { name: "taken.example.com", problem: "Tunnel edge-web of prod serves it." },
    ];
    render(<TunnelHeader tunnel={makeHttpTunnel({ hostnames })} />);
    const items = within(screen.getByRole("list", { name: "Addresses of the site" })).getAllByRole(
      "listitem",
    );
    expect(items).toHaveLength(4);
    const links = items.map((item) => within(item).queryByRole("link")?.getAttribute("href"));
    expect(links).toEqual([SITE, "http://shop.example.com:8080/", undefined, undefined]);
    expect(items[3]?.textContent).toContain("Tunnel edge-web of prod serves it.");
  });

  it("keeps a long list short until a person wants all of it", async () => {
    const hostnames = Array.from({ length: 12 }, (_, n) => ({
      name: `s${n}.example.com`,
      problem: null,
    }));
    render(<TunnelHeader tunnel={makeHttpTunnel({ hostnames })} />);
    expect(screen.queryByText("s11.example.com")).toBeNull();
    await userEvent.click(screen.getByRole("button", { name: "8 more" }));
    expect(screen.getByText("s11.example.com")).toBeDefined();
  });
});

describe("the figures of an HTTP tunnel", () => {
  function show(change: Change = {}) {
    const tunnel = makeHttpTunnel(change);
    render(<HttpFiguresCard tunnel={tunnel} http={tunnel.http} />);
  }

  it("count answers by class, in words and numbers beside the bar", () => {
    show({ statusClasses: { "1xx": 0, "2xx": 1_204, "3xx": 12, "4xx": 3, "5xx": 0 } });
    expect(screen.getByText("1,219 answers since the relay was started")).toBeDefined();
    expect(screen.getByRole("img").getAttribute("aria-label")).toBe(
      "Answers by class of status: 1204 2xx OK, 12 3xx Redirects, 3 4xx Client errors",
    );
    expect(screen.getByText("1,204").parentElement?.textContent).toBe("2xx OK 1,204");
    expect(screen.queryByText(/1xx/)).toBeNull();
  });

  it("give the percentiles, and a dash while nobody asked", () => {
    const percentiles = () =>
      screen
        .getAllByRole("definition")
        .slice(2)
        .map(({ textContent }) => textContent);
    show({ latencyMs: { p50: 8.2, p90: 31, p99: 1_250 } });
    expect(percentiles()).toEqual(["8.2 ms", "31 ms", "1.25 s"]);
    cleanup();
    show();
    expect(percentiles()).toEqual(["–", "–", "–"]);
  });

  it("speak of WebSockets only where there are any", () => {
    show();
    expect(screen.queryByText("WebSockets")).toBeNull();
    cleanup();
    show({ webSocketsOpen: 2, messages: { in: 40, out: 1_300 } });
    const figures = within(screen.getByRole("region", { name: "WebSockets" }));
    expect(figures.getAllByRole("term").map(({ textContent }) => textContent)).toEqual([
      "open",
      "messages in",
      "messages out",
    ]);
    expect(figures.getAllByRole("definition").map(({ textContent }) => textContent)).toEqual([
      "2",
      "40",
      "1,300",
    ]);
  });
});
