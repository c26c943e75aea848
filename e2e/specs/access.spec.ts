import { expect, test } from "../fixtures/test.ts";
import { CulvertServer } from "../harness/culvert.ts";
import { runProgram } from "../harness/process.ts";
import { Frame, SetupForm, SignInForm } from "../pages/sign-in.ts";

const PERSON = { name: "Olga Perez", email: "olga@example.com", password: "a long pass phrase" };

test("the set-up link makes the first administrator, once, and leads to adding a cluster", async ({
  page,
}) => {
  const server = await CulvertServer.start();
  try {
    const [link] = await server.waitForOutput(/http:\/\/\S+\/setup\?token=\S+/);
    const refused = await page.goto(`${server.url}/setup?token=${"x".repeat(32)}`);
    expect(refused?.status()).toBe(404);

    await page.goto(server.url);
    await expect(page.getByRole("heading", { name: "No administrator yet" })).toBeVisible();
    await expect(page.getByLabel("Password")).toBeHidden();

    await page.goto(link);
    await new SetupForm(page).createAdministrator(PERSON);
    await expect(page).toHaveURL(/\/clusters\/new$/);
    await expect(page.getByRole("heading", { name: "Add a cluster" })).toBeVisible();

    const again = await page.goto(link);
    expect(again?.status()).toBe(404);

    await page.goto(server.url);
    await new Frame(page).signOut();
    await expect(page).toHaveURL(/\/sign-in/);
    await new SignInForm(page).signIn(PERSON.email, "not the pass phrase");
    await expect(page.getByRole("alert").first()).toBeVisible();
    await new SignInForm(page).signIn(PERSON.email, PERSON.password);
    await expect(new Frame(page).rail).toBeVisible();

    // Who opens the same machine by another name can sign in, too.
    const other = server.url.replace("localhost", "127.0.0.1");
    await page.goto(`${other}/sign-in`);
    await new SignInForm(page).signIn(PERSON.email, PERSON.password);
    await expect(new Frame(page).rail).toBeVisible();
  } finally {
    await server.destroy();
  }
});

test("what the notice and the sign-in page name prints a link that signs in, and stopping ends with a word", async ({
  page,
}) => {
  const server = await CulvertServer.start();
  try {
    await server.admin(["create-user", "--email", PERSON.email], PERSON.password);
    await server.stop();
    expect(server.output()).toMatch(/\n {2}Stopped\.\n$/);
    expect(server.output()).not.toMatch(/"level":[45]0/);

    await server.launch();
    const [, command = ""] = await server.waitForOutput(/without a password: (.+)\n/);
    await page.goto(server.url);
    // The terminal's line names the data folder, too, which is nothing for strangers.
    expect(command).toContain(`CULVERT_DATA_DIR=${server.dataDir} `);
    const forStrangers = command.replace(/^CULVERT_DATA_DIR=\S+ /, "");
    await expect(page.getByText(forStrangers, { exact: true })).toBeVisible();
    // The line alone finds the server.
    const env = { ...server.env, CULVERT_DATA_DIR: "" };
    await page.goto(await runProgram({ program: "sh", args: ["-c", command], env }));
    await expect(new Frame(page).rail).toBeVisible();
  } finally {
    await server.destroy();
  }
});

test("nothing is readable without credentials", async ({ server, page, request }) => {
  for (const path of [
    "clusters",
    "tunnels",
    "connections",
    "settings",
    "audit",
    "api-keys",
    "me",
  ]) {
    const answer = await request.get(`${server.url}/api/v1/${path}`);
    expect(answer.status(), path).toBe(401);
    expect(await answer.json()).toMatchObject({ error: { code: "unauthenticated" } });
  }
  for (const path of ["/", "/clusters", "/tunnels", "/connections", "/activity", "/settings"]) {
    await page.goto(`${server.url}${path}`);
    await expect(page, path).toHaveURL(/\/sign-in/);
  }
});

test("a one-time link signs in once", async ({ server, dashboard, browser }) => {
  await expect(new Frame(dashboard).rail).toBeVisible();
  const link = await server.admin(["sign-in-link", "--email", "ops@example.com"]);
  const first = await browser.newPage();
  await first.goto(link);
  await expect(new Frame(first).rail).toBeVisible();
  const second = await (await browser.newContext()).newPage();
  await second.goto(link);
  await expect(second.getByRole("alert").first()).toBeVisible();
  await expect(new Frame(second).rail).toBeHidden();
});
