import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { childEnv } from "./child-env.ts";
import { ConfigError, parseConfig } from "./config.ts";
import { configWarnings, isLoopbackLocal } from "./derived.ts";
import { SETTINGS, VARIABLE_NOTES } from "./variables.ts";

function messageOf(env: Record<string, string>): string {
  try {
    parseConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return "";
}

describe("parseConfig", () => {
  it("needs nothing", () => {
    expect(parseConfig({})).toMatchObject({
      http: { host: "0.0.0.0", port: 3000, publicUrl: "http://localhost:3000", isSecure: false },
      dataDir: "./data",
      database: { url: "file:data/culvert.db", provider: "sqlite" },
      relay: { host: "127.0.0.1", ports: { from: 15_000, to: 31_999 }, processes: 1 },
      edge: { port: 8080, domain: "tunnel.localhost" },
      admin: null,
      secret: null,
    });
  });

  it("treats an empty variable as not given", () => {
    expect(parseConfig({ CULVERT_PORT: "" }).http.port).toBe(3000);
  });

  it("reports every problem at once and prints no value", () => {
    const message = messageOf({
      CULVERT_PORT: "80a",
      CULVERT_RELAY_PORTS: "9-1",
      CULVERT_SECRET: "hunter2",
      CULVERT_ADMIN_EMAIL: "nobody",
    });
    for (const name of ["CULVERT_PORT", "CULVERT_RELAY_PORTS", "CULVERT_SECRET"]) {
      expect(message).toContain(name);
    }
    expect(message).not.toMatch(/80a|hunter2|nobody|9-1/);
  });

  it.each([
    ["CULVERT_PORT", "0"],
    ["CULVERT_PORT", "65536"],
    ["CULVERT_PUBLIC_URL", "ftp://x"],
    ["CULVERT_PUBLIC_URL", "https://x/path"],
    ["CULVERT_TRUSTED_PROXIES", "10.0.0.0/33"],
    ["CULVERT_TRUSTED_PROXIES", "proxy"],
    ["CULVERT_RELAY_PORTS", "1-60000"],
    ["CULVERT_RELAY_PROCESSES", "0"],
    ["CULVERT_RELAY_PROCESSES", "many"],
    ["CULVERT_LOG_LEVEL", "loud"],
    ["CULVERT_EDGE_PORT", "0"],
    ["CULVERT_EDGE_PORT", "3000"],
    ["CULVERT_EDGE_PORT", "15000"],
    ["CULVERT_EDGE_PORT", "31999"],
    ["CULVERT_EDGE_DOMAIN", "Tunnel.example.com"],
    ["CULVERT_EDGE_DOMAIN", "tunnel_1.example.com"],
    ["CULVERT_EDGE_DOMAIN", "tunnel..example.com"],
    ["CULVERT_EDGE_DOMAIN", "10.0.0.1"],
    ["CULVERT_EDGE_DOMAIN", `${"a.".repeat(94)}example`],
    ["CULVERT_EDGE_DOMAIN", "localhost"],
    ["DATABASE_URL", "mysql://x"],
  ])("refuses %s=%s", (name, value) => {
    expect(messageOf({ [name]: value })).toContain(name);
  });

  it.each([
    ["example.com", false],
    ["culvert.example.com", false],
    ["tunnels.example.com", true],
    ["tunnels.culvert.example.com", true],
    ["ample.com", true],
  ])("lets no site of %s share cookies with the dashboard", (domain, isAllowed) => {
    const message = messageOf({
      CULVERT_PUBLIC_URL: "https://culvert.example.com",
      CULVERT_EDGE_DOMAIN: domain,
    });
    expect(message === "").toBe(isAllowed);
  });

  it("wants both halves of the first administrator", () => {
    expect(messageOf({ CULVERT_ADMIN_EMAIL: "a@example.com" })).toContain("go together");
    expect(
      parseConfig({ CULVERT_ADMIN_EMAIL: "a@example.com", CULVERT_ADMIN_PASSWORD: "0123456789" })
        .admin,
    ).toEqual({ email: "a@example.com", password: "0123456789" });
  });

  it("names the public URL's host in endpoints, another where that is this machine", () => {
    const hostOf = (env: Record<string, string>) => parseConfig(env).relay.host;
    expect(hostOf({ CULVERT_PUBLIC_URL: "https://culvert.example.com" })).toBe(
      "culvert.example.com",
    );
    expect(hostOf({ CULVERT_PUBLIC_URL: "http://localhost:8000" })).toBe("127.0.0.1");
    expect(hostOf({ CULVERT_RELAY_HOST: "relay.example.com" })).toBe("relay.example.com");
  });

  it("warns while endpoints share the dashboard's host", () => {
    const shared = parseConfig({ CULVERT_PUBLIC_URL: "https://culvert.example.com" });
    expect(configWarnings(shared)).toHaveLength(1);
    expect(configWarnings(parseConfig({}))).toEqual([]);
  });

  it.each([
    [{}, true],
    [{ CULVERT_PORT: "8000" }, true],
    [{ CULVERT_PORT: "80", CULVERT_PUBLIC_URL: "http://culvert.example.com" }, true],
    [{ CULVERT_PUBLIC_URL: "https://culvert.example.com" }, false],
    [{ CULVERT_PORT: "443", CULVERT_PUBLIC_URL: "https://culvert.example.com" }, false],
    [{ CULVERT_PUBLIC_URL: "http://culvert.example.com" }, false],
    [
      {
        CULVERT_PUBLIC_URL: "https://culvert.example.com",
        CULVERT_TRUSTED_PROXIES: "127.0.0.1",
      },
      true,
    ],
  ])("does not take a proxy for this machine: %j", (env, isLocal) => {
    expect(isLoopbackLocal(parseConfig(env))).toBe(isLocal);
  });

  it("reads lists and ranges", () => {
    const config = parseConfig({
      CULVERT_TRUSTED_PROXIES: "10.0.0.0/8, ::1",
      CULVERT_RELAY_PORTS: "20000-20009",
      CULVERT_RELAY_PROCESSES: "auto",
    });
    expect(config.http.trustedProxies).toEqual(["10.0.0.0/8", "::1"]);
    expect(config.relay.ports).toEqual({ from: 20_000, to: 20_009 });
    expect(config.relay.processes).toBe("auto");
  });
});

describe("childEnv", () => {
  it("keeps secrets from the relay and strangers from both", () => {
    const env = {
      PATH: "/bin",
      CULVERT_PORT: "1",
      CULVERT_SECRET: "s",
      CULVERT_ADMIN_PASSWORD: "p",
      DATABASE_URL: "file:x",
      AWS_SECRET_ACCESS_KEY: "k",
    };
    expect(childEnv(env, "relay", { EXTRA: "1" })).toEqual({
      PATH: "/bin",
      CULVERT_PORT: "1",
      EXTRA: "1",
    });
    expect(childEnv(env, "web")).toEqual({
      PATH: "/bin",
      CULVERT_PORT: "1",
      CULVERT_SECRET: "s",
      CULVERT_ADMIN_PASSWORD: "p",
      DATABASE_URL: "file:x",
    });
  });
});

describe(".env.example", () => {
  it("names every variable once", async () => {
    const text = await readFile(new URL("../../.env.example", import.meta.url), "utf8");
    for (const name of Object.keys(SETTINGS)) expect(text.split(`\n# ${name}=`)).toHaveLength(2);
    expect(Object.keys(VARIABLE_NOTES)).toEqual(Object.keys(SETTINGS));
  });
});
