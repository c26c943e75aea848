import { afterEach, describe, expect, it } from "vitest";
import { createApiKey } from "#server/services/api-keys/create-api-key.ts";
import { revokeApiKey } from "#server/services/api-keys/revoke-api-key.ts";
import { listAudit } from "#server/services/audit/list-audit.ts";
import { createSetupLink, createSignInLink } from "#server/services/one-time-links/create-link.ts";
import { ADMIN, setupServices, type Services } from "#server/services/testing/setup-services.ts";
import { createUser, ensureFirstAdmin } from "#server/services/users/create-user.ts";
import { createPeople } from "./create-people.ts";

const ORIGIN = "http://localhost:3000";
const PERSON = { email: "Ops@Example.com", name: "Ops", password: "correct horse battery" };

const open: Services[] = [];
async function setup(signInsPerMinute = 1_000) {
  const services = await setupServices();
  open.push(services);
  const people = createPeople({
    deps: services.context,
    secret: "a secret that is long enough for this",
    signInsPerMinute,
    log: { warn: () => undefined },
  });
  return { services, people, context: services.context };
}
afterEach(async () => {
  for (const services of open.splice(0)) await services.close();
});

type People = ReturnType<typeof createPeople>;

function post(people: People, path: string, body: unknown, headers: Record<string, string> = {}) {
  return people.handle(
    new Request(`${ORIGIN}/api/auth${path}`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        origin: ORIGIN,
        "x-forwarded-for": "192.0.2.1",
        ...headers,
      },
      body: JSON.stringify(body),
    }),
  );
}

function cookiesOf(headers: Headers): string {
  return headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0])
    .join("; ");
}

const withCookie = (cookie: string) => new Headers({ cookie, "x-forwarded-for": "192.0.2.1" });
const tokenOf = (link: string | null) => new URL(link ?? "").searchParams.get("token") ?? "";

describe("the set-up link", () => {
  it("makes the first administrator and signs them in, once", async () => {
    const { people, context } = await setup();
    const token = tokenOf(await createSetupLink(context));
    expect(await people.isSetupTokenValid(token)).toBe(true);
    expect(await people.isSetupTokenValid("cvl_something_else")).toBe(false);

    const answer = new Headers();
    const from = new Headers({ "x-forwarded-for": "192.0.2.1" });
    await people.setUp({ token, ...PERSON }, from, answer);
    expect(answer.getSetCookie()[0]).toMatch(/HttpOnly/i);
    expect(await people.findActor(withCookie(cookiesOf(answer)))).toMatchObject({
      kind: "user",
      name: "ops@example.com",
      role: "admin",
      address: "192.0.2.1",
    });

    expect(await people.isSetupTokenValid(token)).toBe(false);
    expect(await createSetupLink(context)).toBeNull();
    const again = people.setUp({ token, ...PERSON, email: "b@example.com" }, from, new Headers());
    await expect(again).rejects.toMatchObject({ code: "not_found" });
    const { items } = await listAudit(context, ADMIN, { limit: 10 });
    expect(items.map(({ action }) => action)).toEqual(["user.sign_in", "user.create"]);
  });

  it("lets one of two in who race with it", async () => {
    const { people, context } = await setup();
    const token = tokenOf(await createSetupLink(context));
    const results = await Promise.allSettled(
      ["a@example.com", "b@example.com"].map((email) =>
        people.setUp({ token, ...PERSON, email }, new Headers(), new Headers()),
      ),
    );
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await context.db.user.count()).toBe(1);
  });

  it("is replaced by a newer one, and runs out", async () => {
    const { people, context, services } = await setup();
    const older = tokenOf(await createSetupLink(context));
    const newer = tokenOf(await createSetupLink(context));
    expect(await people.isSetupTokenValid(older)).toBe(false);
    services.advance(3_600_000);
    expect(await people.isSetupTokenValid(newer)).toBe(false);
  });
});

describe("passwords", () => {
  it("open a session that signing out ends", async () => {
    const { people, context } = await setup();
    await createUser(context, ADMIN, { ...PERSON, role: "operator" });
    const credentials = { email: "ops@example.com", password: PERSON.password };
    const signedIn = await post(people, "/sign-in/email", credentials);
    expect(signedIn.status).toBe(200);
    const cookie = cookiesOf(signedIn.headers);
    expect(await people.findActor(withCookie(cookie))).toMatchObject({ role: "operator" });

    const signedOut = await post(people, "/sign-out", {}, { cookie });
    expect(signedOut.status).toBe(200);
    expect(await people.findActor(withCookie(cookie))).toBeNull();
    const { items } = await listAudit(context, ADMIN, { limit: 10 });
    expect(items.map(({ action }) => action)).toEqual([
      "user.sign_out",
      "user.sign_in",
      "user.create",
    ]);
    expect(items[1]).toMatchObject({ address: "192.0.2.1", actor: { name: "ops@example.com" } });
  });

  it("that are wrong, or come from another origin, open nothing", async () => {
    const { people, context } = await setup();
    await createUser(context, ADMIN, { ...PERSON, role: "operator" });
    const credentials = { email: "ops@example.com", password: PERSON.password };
    const wrong = await post(people, "/sign-in/email", {
      ...credentials,
      password: "not this one",
    });
    expect(wrong.status).toBe(401);
    const elsewhere = await post(people, "/sign-in/email", credentials, {
      origin: "https://evil.example",
      cookie: "a=b",
    });
    expect(elsewhere.status).toBe(403);
    expect(elsewhere.headers.getSetCookie()).toEqual([]);
  });

  it("are accepted from the host that the front door saw", async () => {
    const { people, context } = await setup();
    await createUser(context, ADMIN, { ...PERSON, role: "operator" });
    const credentials = { email: "ops@example.com", password: PERSON.password };
    const answer = await post(people, "/sign-in/email", credentials, {
      origin: "http://127.0.0.1:3000",
      "x-forwarded-host": "127.0.0.1:3000",
      "x-forwarded-proto": "http",
    });
    expect(answer.status).toBe(200);
  });

  it("may be tried a few times a minute only", async () => {
    const { people, context } = await setup(3);
    await createUser(context, ADMIN, { ...PERSON, role: "operator" });
    const credentials = { email: "ops@example.com", password: "not this one" };
    const statuses: number[] = [];
    for (let i = 0; i < 4; i++) {
      const from = { "x-forwarded-for": "192.0.2.99" };
      statuses.push((await post(people, "/sign-in/email", credentials, from)).status);
    }
    expect(statuses).toEqual([401, 401, 401, 429]);
  });

  it("do not let anybody sign up", async () => {
    const { people, context } = await setup();
    const answer = await post(people, "/sign-up/email", PERSON);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(await context.db.user.count()).toBe(0);
  });

  it("cannot be changed into a session by naming a person", async () => {
    const { people, context } = await setup();
    const { id } = await createUser(context, ADMIN, { ...PERSON, role: "admin" });
    for (const path of ["/start-session", "/startSession"]) {
      const answer = await post(people, path, { userId: id });
      expect(answer.status).toBe(404);
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
  });
});

describe("the sign-in link", () => {
  it("signs its person in, once", async () => {
    const { people, context } = await setup();
    await ensureFirstAdmin(context, ADMIN, PERSON);
    expect(await ensureFirstAdmin(context, ADMIN, PERSON)).toBe(false);
    expect(await people.exist()).toBe(true);
    const stranger = createSignInLink(context, ADMIN, { email: "nobody@example.com" });
    await expect(stranger).rejects.toMatchObject({ message: "There is no such person" });
    const token = tokenOf(await createSignInLink(context, ADMIN, {}));
    const answer = new Headers();
    await people.signInByLink(token, new Headers(), answer);
    expect(await people.findActor(withCookie(cookiesOf(answer)))).toMatchObject({ role: "admin" });
    const again = people.signInByLink(token, new Headers(), new Headers());
    await expect(again).rejects.toMatchObject({ code: "not_found" });
  });

  it("is for somebody who exists, and does not open the set-up", async () => {
    const { people, context } = await setup();
    const nobody = createSignInLink(context, ADMIN, { email: "nobody@example.com" });
    await expect(nobody).rejects.toMatchObject({
      code: "not_found",
      message: expect.stringMatching(/^Nobody can sign in yet: .*set-up link/) as string,
    });
    expect(await people.exist()).toBe(false);
    const setupToken = tokenOf(await createSetupLink(context));
    const wrongKind = people.signInByLink(setupToken, new Headers(), new Headers());
    await expect(wrongKind).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("API keys", () => {
  it("stand for their role until they are revoked or run out", async () => {
    const { people, context, services } = await setup();
    const created = await createApiKey(context, ADMIN, {
      name: "ci",
      role: "viewer",
      expiresInDays: 1,
    });
    const headers = new Headers({ authorization: `Bearer ${created.key}` });
    expect(await people.findActor(headers)).toMatchObject({
      kind: "api_key",
      name: "ci",
      role: "viewer",
    });
    services.advance(86_400_000);
    expect(await people.findActor(headers)).toBeNull();

    const other = await createApiKey(context, ADMIN, { name: "cd", role: "admin" });
    const otherHeaders = new Headers({ authorization: `Bearer ${other.key}` });
    expect(await people.findActor(otherHeaders)).not.toBeNull();
    await revokeApiKey(context, ADMIN, { id: other.item.id });
    expect(await people.findActor(otherHeaders)).toBeNull();
    const stored = JSON.stringify(await context.db.apiKey.findMany());
    expect(stored).not.toContain(created.key);
  });

  it("that are wrong are not made good by a cookie", async () => {
    const { people, context } = await setup();
    await ensureFirstAdmin(context, ADMIN, PERSON);
    const answer = new Headers();
    const token = tokenOf(await createSignInLink(context, ADMIN, {}));
    await people.signInByLink(token, new Headers(), answer);
    const headers = withCookie(cookiesOf(answer));
    headers.set("authorization", "Bearer cvk_wrong");
    expect(await people.findActor(headers)).toBeNull();
    expect(await people.findActor(new Headers())).toBeNull();
  });
});

describe("createUser", () => {
  it("refuses an address that is taken, a short password, and whoever may not", async () => {
    const { context } = await setup();
    await createUser(context, ADMIN, { ...PERSON, role: "viewer" });
    const refused = (actor: typeof ADMIN, password: string) =>
      createUser(context, actor, { ...PERSON, email: "OPS@example.com", password, role: "viewer" });
    await expect(refused(ADMIN, PERSON.password)).rejects.toMatchObject({ code: "conflict" });
    await expect(refused(ADMIN, "short")).rejects.toMatchObject({ code: "bad_request" });
    await expect(refused({ ...ADMIN, role: "operator" }, PERSON.password)).rejects.toMatchObject({
      code: "forbidden",
    });
  });
});
