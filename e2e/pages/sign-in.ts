import type { Page } from "@playwright/test";

export class SetupForm {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  async createAdministrator(person: {
    name: string;
    email: string;
    password: string;
  }): Promise<void> {
    await this.#page.getByLabel("Name").fill(person.name);
    await this.#page.getByLabel("E-mail").fill(person.email);
    await this.#page.getByLabel("Password").fill(person.password);
    await this.#page.getByRole("button", { name: "Create administrator" }).click();
  }
}

export class SignInForm {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  async signIn(email: string, password: string): Promise<void> {
    await this.#page.getByLabel("E-mail").fill(email);
    await this.#page.getByLabel("Password").fill(password);
    await this.#page.getByRole("button", { name: "Sign in" }).click();
  }
}

export class Frame {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  get rail() {
    return this.#page.getByRole("navigation", { name: "Main" }).first();
  }

  async signOut(): Promise<void> {
    await this.#page.getByRole("button", { name: /^Account of/ }).click();
    await this.#page.getByRole("menuitem", { name: "Sign out" }).click();
  }
}
