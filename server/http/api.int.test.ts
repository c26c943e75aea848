import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ErrorBody } from "#protocol/api/common.ts";
import {
  startTestWeb,
  type TestWeb,
  PUBLIC_URL,
  cookieFrom,
} from "#server/web/testing/start-test-web.ts";
import { BODY_BYTES_MAX } from "./read-body.ts";
import { API_PREFIX } from "./openapi.ts";
import { ALL_ROUTES } from "./routes/all-routes.ts";

let test: TestWeb;
const keys = { admin: "", operator: "", viewer: "" };

beforeAll(async () => {
  test = await startTestWeb();
  for (const role of ["admin", "operator", "viewer"] as const)
    keys[role] = await test.createKey(role);
});
afterAll(() => test.close());

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const codeOf = (json: unknown) => ErrorBody.parse(json).error.code;
const pathOf = (path: string) =>
  API_PREFIX + path.replace("{id}", "cl_00000000").replace("{tokenId}", "tk_00000000");

const guarded = ALL_ROUTES.filter(({ role }) => role !== "nobody");
const changing = guarded.filter(({ method }) => method !== "GET");

describe("access to the API", () => {
  it("knows every route of the list, and there are many", () => {
    expect(guarded.length).toBeGreaterThan(20);
    expect(changing.length).toBeGreaterThan(8);
  });

  it.each(guarded.map((route) => [route.method, route.path] as const))(
    "%s %s is closed without credentials",
    async (method, path) => {
      const answer = await test.send(pathOf(path), {
        method,
        ...(method === "GET" ? {} : { headers: { origin: PUBLIC_URL } }),
      });
      expect(answer.status).toBe(401);
      expect(codeOf(answer.json)).toBe("unauthenticated");
      expect(answer.headers["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
    },
  );

  it.each(["Bearer wrong", "Bearer cvk_wrong", "Basic dXNlcjpwYXNz", "Bearer "])(
    "refuses the credentials %j",
    async (authorization) => {
      const answer = await test.send("/api/v1/clusters", { headers: { authorization } });
      expect(answer.status).toBe(401);
    },
  );

  it.each(changing.map((route) => [route.method, route.path] as const))(
    "%s %s is closed to viewers",
    async (method, path) => {
      const answer = await test.send(pathOf(path), {
        method,
        headers: bearer(keys.viewer),
        body: {},
      });
      expect(answer.status).toBe(403);
      expect(codeOf(answer.json)).toBe("forbidden");
    },
  );

  it("shows API keys to administrators alone", async () => {
    for (const [role, status] of [
      ["viewer", 403],
      ["operator", 403],
      ["admin", 200],
    ] as const) {
      const answer = await test.send("/api/v1/api-keys", { headers: bearer(keys[role]) });
      expect(answer.status).toBe(status);
    }
  });

  it("answers for paths that do not exist in its own shape, and to nobody without credentials", async () => {
    expect((await test.send("/api/v1/nothing")).status).toBe(401);
    const answer = await test.send("/api/v1/nothing", { headers: bearer(keys.viewer) });
    expect(answer.status).toBe(404);
    expect(codeOf(answer.json)).toBe("not_found");
  });

  it.each([
    ["PUT", "/api/v1/clusters", "GET, POST, OPTIONS, HEAD"],
    ["PATCH", "/api/v1/clusters", "GET, POST, OPTIONS, HEAD"],
    ["GET", "/api/v1/clusters/cl_00000000/tokens/tk_00000000", "DELETE, OPTIONS"],
  ])("says that %s is no method of %s", async (method, path, allow) => {
    const answer = await test.send(path, { method, headers: bearer(keys.admin) });
    expect([answer.status, codeOf(answer.json)]).toEqual([405, "method_not_allowed"]);
    expect(answer.headers["allow"]).toBe(allow);
  });

  it("stops believing a key that was revoked", async () => {
    const created = await test.send("/api/v1/api-keys", {
      method: "POST",
      headers: bearer(keys.admin),
      body: { name: "short-lived" },
    });
    const { key, item } = created.json as { key: string; item: { id: string } };
    expect((await test.send("/api/v1/me", { headers: bearer(key) })).status).toBe(200);
    const revoked = await test.send(`/api/v1/api-keys/${item.id}`, {
      method: "DELETE",
      headers: bearer(keys.admin),
    });
    expect(revoked.status).toBe(204);
    expect((await test.send("/api/v1/me", { headers: bearer(key) })).status).toBe(401);
  });
});

describe("requests of the API", () => {
  const post = (options: { rawBody?: string; body?: unknown; headers?: Record<string, string> }) =>
    test.send("/api/v1/clusters", {
      method: "POST",
      ...options,
      headers: { ...bearer(keys.operator), ...options.headers },
    });

  it("create, show, change and delete a cluster", async () => {
    const created = await post({ body: { name: "first" } });
    expect(created.status).toBe(201);
    const { id, token } = created.json as { id: string; token: string };
    expect(token).toMatch(/^cvt_/);
    const headers = bearer(keys.operator);
    const shown = await test.send(`/api/v1/clusters/${id}`, { headers });
    expect(shown.json).toMatchObject({ id, name: "first", status: "waiting" });
    expect(shown.text).not.toContain(token);
    const patched = await test.send(`/api/v1/clusters/${id}`, {
      method: "PATCH",
      headers,
      body: { forceTunnel: true },
    });
    expect(patched.json).toMatchObject({ forceTunnel: true, forcedBy: { setBy: "operator" } });
    const removed = await test.send(`/api/v1/clusters/${id}`, { method: "DELETE", headers });
    expect([removed.status, removed.text]).toEqual([204, ""]);
    expect((await test.send(`/api/v1/clusters/${id}`, { headers })).status).toBe(404);
  });

  it.each([
    ["no JSON", { rawBody: "{" }, "bad_request", 400],
    [
      "no JSON by its type",
      { body: { name: "x" }, headers: { "content-type": "text/plain" } },
      "bad_request",
      400,
    ],
    ["an unknown field", { body: { name: "x", owner: "me" } }, "bad_request", 400],
    ["an empty name", { body: { name: " " } }, "bad_request", 400],
    ["too large", { rawBody: `"${"x".repeat(BODY_BYTES_MAX)}"` }, "payload_too_large", 413],
  ] as const)("are refused when the body is %s", async (_what, options, code, status) => {
    const answer = await post(options);
    expect([answer.status, codeOf(answer.json)]).toEqual([status, code]);
  });

  it("are refused with a body that never says how long it is, once it is too long", async () => {
    const answer = await post({
      rawBody: "x".repeat(BODY_BYTES_MAX + 1),
      headers: { "transfer-encoding": "chunked" },
    });
    expect(answer.status).toBe(413);
  });

  it.each(["?limit=0", "?limit=501", "?limit=x", "?cursor=nonsense", "?unknown=1"])(
    "are refused with the query %s",
    async (query) => {
      const answer = await test.send(`/api/v1/clusters${query}`, { headers: bearer(keys.viewer) });
      expect([answer.status, codeOf(answer.json)]).toEqual([400, "bad_request"]);
    },
  );

  it.each([
    [[-1, "cl_00000000"]],
    [[Number.MAX_SAFE_INTEGER, "cl_00000000"]],
    [[0.5, "cl_00000000"]],
    [[0, ""]],
  ])("are refused with a cursor that we never gave: %j", async (position) => {
    const cursor = Buffer.from(JSON.stringify(position)).toString("base64url");
    for (const path of ["/clusters", "/tunnels", "/audit", "/connections?state=closed"]) {
      const query = `${path.includes("?") ? "&" : "?"}cursor=${cursor}`;
      const answer = await test.send(`/api/v1${path}${query}`, { headers: bearer(keys.viewer) });
      expect([answer.status, codeOf(answer.json)]).toEqual([400, "bad_request"]);
    }
  });

  it.each([
    "from=0000-01-01T00:00:00Z",
    "to=9999-12-31T23:59:59Z",
    "from=0000-01-01T00:00:00Z&to=9999-12-31T23:59:59Z",
    "to=0000-01-01T00:00:00Z",
    "from=9999-12-31T23:59:58Z&to=9999-12-31T23:59:59Z&step=1",
  ])("draw nothing rather than fail for a window far away: %s", async (query) => {
    const path = `/api/v1/series?scope=fleet&${query}`;
    expect((await test.send(path, { headers: bearer(keys.viewer) })).status).toBe(200);
  });

  it("are refused with an id that is none", async () => {
    const answer = await test.send("/api/v1/clusters/nonsense", { headers: bearer(keys.viewer) });
    expect([answer.status, codeOf(answer.json)]).toEqual([400, "bad_request"]);
  });

  it("say that a name is taken", async () => {
    await post({ body: { name: "taken" } });
    const answer = await post({ body: { name: "taken" } });
    expect([answer.status, codeOf(answer.json)]).toEqual([409, "conflict"]);
  });
});

describe("signing in", () => {
  const headers = { origin: PUBLIC_URL };
  const person = { email: "ops@example.com", name: "Ops", password: "correct horse battery" };

  it("begins with the set-up link, which works once", async () => {
    const token = /token=(\S+)/.exec(test.notices.join("\n"))?.[1] ?? "";
    const wrong = await test.send("/api/v1/setup", {
      method: "POST",
      headers,
      body: { ...person, token: "x".repeat(40) },
    });
    expect(wrong.status).toBe(404);
    const answer = await test.send("/api/v1/setup", {
      method: "POST",
      headers,
      body: { ...person, token },
    });
    expect(answer.status).toBe(201);
    const me = await test.send("/api/v1/me", { headers: { cookie: cookieFrom(answer) } });
    expect(me.json).toMatchObject({ kind: "user", email: person.email, role: "admin" });
    const again = await test.send("/api/v1/setup", {
      method: "POST",
      headers,
      body: { ...person, email: "other@example.com", token },
    });
    expect(again.status).toBe(404);
  });

  it("goes on with the password, and ends with signing out", async () => {
    const { email, password } = person;
    const answer = await test.send("/api/auth/sign-in/email", {
      method: "POST",
      headers,
      body: { email, password },
    });
    expect(answer.status).toBe(200);
    const cookie = cookieFrom(answer);
    expect((await test.send("/api/v1/clusters", { headers: { cookie } })).status).toBe(200);
    await test.send("/api/auth/sign-out", {
      method: "POST",
      headers: { ...headers, cookie },
      body: {},
    });
    expect((await test.send("/api/v1/clusters", { headers: { cookie } })).status).toBe(401);
  });

  it.each<[string, Record<string, string>]>([
    ["its length said", {}],
    ["its length unsaid", { "transfer-encoding": "chunked" }],
  ])("takes no more than a sign-in needs, %s", async (_how, more) => {
    const answer = await test.send("/api/auth/sign-in/email", {
      method: "POST",
      headers: { ...headers, ...more },
      body: { email: person.email, password: "x".repeat(64 * 1024) },
    });
    expect([answer.status, codeOf(answer.json)]).toEqual([413, "payload_too_large"]);
  });

  it("lets a page of a session ask for headers alone", async () => {
    const { email, password } = person;
    const signedIn = await test.send("/api/auth/sign-in/email", {
      method: "POST",
      headers: { ...headers, "x-forwarded-for": "192.0.2.200" },
      body: { email, password },
    });
    const cookie = cookieFrom(signedIn);
    const answer = await test.send("/api/v1/clusters", { method: "HEAD", headers: { cookie } });
    expect(answer.status).toBe(200);
  });

  it("refuses a wrong password", async () => {
    const answer = await test.send("/api/auth/sign-in/email", {
      method: "POST",
      headers,
      body: { email: person.email, password: "wrong horse battery" },
    });
    expect(answer.status).toBe(401);
    expect(cookieFrom(answer)).toBe("");
  });

  it("offers nobody to sign up by themselves", async () => {
    const answer = await test.send("/api/auth/sign-up/email", {
      method: "POST",
      headers,
      body: { ...person, email: "stranger@example.com" },
    });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(cookieFrom(answer)).toBe("");
  });

  it.each([
    ["the public URL", PUBLIC_URL, 201],
    ["the host that the front door saw", "http://127.0.0.1:3000", 201],
    ["another site", "https://evil.example", 403],
    ["the same host by another protocol", "https://localhost:3000", 403],
    ["a host that only begins like ours", "http://localhost:3000.evil.example", 403],
    ["none", undefined, 403],
    ["an opaque origin", "null", 403],
  ])("takes changes from pages of its own origin alone: %s", async (what, origin, status) => {
    const signedIn = await test.send("/api/auth/sign-in/email", {
      method: "POST",
      headers: { ...headers, "x-forwarded-for": `192.0.2.${what.length}` },
      body: { email: person.email, password: person.password },
    });
    const answer = await test.send("/api/v1/clusters", {
      method: "POST",
      headers: {
        cookie: cookieFrom(signedIn),
        "x-forwarded-host": what.startsWith("the host") ? "127.0.0.1:3000" : "localhost:3000",
        ...(origin === undefined ? {} : { origin }),
      },
      body: { name: `by ${what}` },
    });
    expect(answer.status).toBe(status);
  });
});

describe("what machines ask for", () => {
  it("describes every route in OpenAPI", async () => {
    const answer = await test.send("/api/v1/openapi.json", { headers: bearer(keys.viewer) });
    const { paths } = answer.json as { paths: Record<string, Record<string, unknown>> };
    for (const { method, path } of ALL_ROUTES) {
      expect(paths[API_PREFIX + path]?.[method.toLowerCase()]).toBeDefined();
    }
  });

  it("answers health to everybody, and is not ready without a relay", async () => {
    expect((await test.send("/healthz")).status).toBe(200);
    expect((await test.send("/readyz")).json).toMatchObject({ database: "ok", relays: 0 });
    expect((await test.send("/readyz")).status).toBe(503);
  });

  it("gives metrics to loopback and to API keys", async () => {
    expect((await test.send("/metrics")).status).toBe(401);
    const local = await test.send("/metrics", { headers: { "x-forwarded-for": "127.0.0.1" } });
    expect(local.status).toBe(200);
    expect(local.text).toContain("culvert_connections_opened_total");
    const proxied = { "x-forwarded-for": "127.0.0.1", "x-forwarded-host": "culvert.example.com" };
    expect((await test.send("/metrics", { headers: proxied })).status).toBe(401);
    expect((await test.send("/metrics", { headers: bearer(keys.viewer) })).status).toBe(200);
  });
});
