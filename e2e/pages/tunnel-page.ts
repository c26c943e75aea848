import { expect, type Locator, type Page } from "@playwright/test";

/** The page of one tunnel. */
export class TunnelPageObject {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  async open(url: string, tunnelId: string): Promise<void> {
    await this.#page.goto(`${url}/tunnels/${tunnelId}`);
    await expect(this.forceSwitch).toBeVisible();
  }

  /** The status word below the title. */
  status(word: string): Locator {
    return this.#page.getByRole("main").getByText(word, { exact: true }).first();
  }

  /** What stands below the path: where it is broken, and why. */
  problem(text: string): Locator {
    return this.#page.getByRole("region", { name: "Path" }).getByRole("status").getByText(text);
  }

  get forceSwitch(): Locator {
    return this.#page.getByRole("switch", { name: "Force through tunnel" });
  }

  mode(name: "Tunnel" | "Direct" | "Dual"): Locator {
    return this.#page.getByRole("radio", { name });
  }

  /** One of the ways drawn, by whether it is in force. */
  way(name: "Through the relay" | "Directly", isInForce: boolean): Locator {
    const state = isInForce ? "in force" : "not in force";
    return this.#page.getByRole("region", { name: `${name}, ${state}`, exact: true });
  }

  /** What choosing a mode would do. */
  get effects(): Locator {
    return this.#page.getByRole("list", { name: "What the other modes would do" });
  }

  /** The card with lines ready to copy. */
  get kit(): Locator {
    return this.#page.getByRole("region", { name: "How to connect" });
  }

  /** The sentence that says why this mode. */
  why(text: string | RegExp): Locator {
    return this.#page.getByText(text).first();
  }

  get connections(): Locator {
    return this.#page.getByRole("table", { name: "Open connections" });
  }

  get closedConnections(): Locator {
    return this.#page.getByRole("table", { name: "Recently closed connections" });
  }

  connectionOf(clientPort: number): Locator {
    return this.connections.getByRole("row").filter({ hasText: `:${clientPort}` });
  }

  async closeConnectionOf(clientPort: number): Promise<void> {
    await this.connectionOf(clientPort)
      .getByRole("button", { name: /^Close the connection of/ })
      .click();
  }

  async closeAll(count: number): Promise<void> {
    await this.#page.getByRole("button", { name: `Close ${count}…` }).click();
    await this.#page
      .getByRole("alertdialog")
      .getByRole("button", { name: `Close ${count} connections` })
      .click();
  }

  async showClosed(): Promise<void> {
    await this.#page.getByRole("button", { name: "Recently closed" }).click();
  }

  /** One of the figures of a group, by what stands below it. */
  figure(group: string, name: string): Locator {
    return this.#page
      .getByRole("region", { name: group, exact: true })
      .locator("div")
      .filter({ has: this.#page.getByRole("term").filter({ hasText: new RegExp(`^${name}$`) }) })
      .getByRole("definition");
  }

  /** What the chart says to those who cannot see it. */
  get chartSummary(): Locator {
    return this.#page.getByRole("img", { name: /^Throughput of the last/ });
  }
}
