import type { Locator, Page } from "@playwright/test";
import { TunnelPageObject } from "./tunnel-page.ts";

/** The page of an HTTP tunnel: its site, and what it was asked for. */
export class HttpTunnelPage extends TunnelPageObject {
  readonly #page: Page;

  constructor(page: Page) {
    super(page);
    this.#page = page;
  }

  /** @returns the site, in the tab that the click opened */
  async openSite(): Promise<Page> {
    const opened = this.#page.context().waitForEvent("page");
    await this.#page.getByRole("link", { name: /^Open site/ }).click();
    return opened;
  }

  get addresses(): Locator {
    return this.#page.getByRole("list", { name: "Addresses of the site" }).getByRole("listitem");
  }

  /** Rows of the last requests that hold all these texts. */
  request(...texts: readonly string[]): Locator {
    return texts.reduce(
      (rows, hasText) => rows.filter({ hasText }),
      this.#page.getByRole("table", { name: "Last requests" }).getByRole("row"),
    );
  }

  async filterRequests(name: "All" | "4xx" | "5xx" | "WebSocket"): Promise<void> {
    await this.#page
      .getByRole("radiogroup", { name: "Which requests to list" })
      .getByRole("radio", { name })
      .click();
  }

  /** A WebSocket or long request that is open, by its path. */
  openRequest(path: string): Locator {
    return this.#page
      .getByRole("table", { name: "Open WebSockets and requests" })
      .getByRole("row")
      .filter({ hasText: path });
  }

  /** How many the card of the last day counts. */
  async requestsOfTheDay(): Promise<number> {
    const name = this.#page.getByRole("term").filter({ hasText: /^Requests$/ });
    return toCount(await name.locator("+ dd").innerText());
  }

  /** How many the bar of status classes counts. */
  async answers(): Promise<number> {
    return toCount(await this.#page.getByText(/answers? since the relay was started$/).innerText());
  }
}

/** The number at the start of `1,219 answers …`. */
function toCount(text: string): number {
  return Number(/^[\d,]+/.exec(text)?.[0].replaceAll(",", "") ?? Number.NaN);
}
