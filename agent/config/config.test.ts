import { describe, expect, it } from "vitest";
import { parseAgentConfig, type AgentConfig, type AgentConfigInput } from "./config.ts";
import { SETTINGS } from "./settings.ts";

const ENOUGH = {
  CULVERT_URL: "http://localhost:3000",
  CULVERT_TOKEN: "cvt_secret",
  CULVERT_DISCOVERY: "none",
};

function parse(input: Partial<AgentConfigInput>) {
  return parseAgentConfig({
    env: ENOUGH,
    fileText: null,
    flags: {},
    exposes: [],
    hostname: "host-1",
    isTerminal: false,
    ...input,
  });
}

function accept(input: Partial<AgentConfigInput>): AgentConfig {
  const parsed = parse(input);
  if (!parsed.ok) throw new Error(parsed.problems.join("\n"));
  return parsed.config;
}

function refuse(input: Partial<AgentConfigInput>): readonly string[] {
  const parsed = parse(input);
  if (parsed.ok) throw new Error("accepted");
  return parsed.problems;
}

describe("parseAgentConfig", () => {
  it("has defaults for everything but server and token", () => {
    expect(accept({})).toMatchObject({
      clusterName: null,
      agentId: "host-1",
      manifestFolder: null,
      exposes: [],
      httpPort: 8_081,
      log: { level: "info", format: "json" },
      tunnels: {
        isEnabled: true,
        forceTunnelMode: false,
        dualModeEnabled: false,
        discovery: {
          tcp: true,
          udp: true,
          managedLabels: ["culvert.dev/managed", "pipeops.io/managed"],
        },
        tcp: {
          bufferSizeBytes: 32_768,
          isKeepAlive: true,
          keepAlivePeriodMs: 30_000,
          connectionTimeoutMs: 30_000,
          idleTimeoutMs: null,
          maxConnections: 10_000,
        },
        udp: { bufferSizeBytes: 65_535, sessionTimeoutMs: 300_000, maxSessions: 10_000 },
      },
    });
  });

  it("reads the whole tree from YAML", () => {
    const fileText = `
url: https://culvert.example.com
token: cvt_file
agent_port: 0
discovery: file:/etc/culvert/manifests
expose:
  db: tcp://10.0.0.5:5432
tunnels:
  enabled: true
  routing: { force_tunnel_mode: true, dual_mode_enabled: true }
  discovery:
    tcp: { enabled: true, gateway_label: team=shop }
    udp: { enabled: false }
  tcp:
    buffer_size: 64KiB
    keepalive: false
    keepalive_period: 45s
    connection_timeout: 5s
    idle_timeout: 4h
    max_connections: 500
  udp: { buffer_size: 1472, session_timeout: 1m, max_sessions: 10 }
`;
    expect(accept({ env: {}, fileText })).toMatchObject({
      token: "cvt_file",
      httpPort: 0,
      manifestFolder: "/etc/culvert/manifests",
      exposes: [{ name: "db", scheme: "tcp", host: "10.0.0.5", port: 5432 }],
      tunnels: {
        forceTunnelMode: true,
        dualModeEnabled: true,
        discovery: { udp: false, managedLabels: ["team=shop"] },
        tcp: {
          bufferSizeBytes: 65_536,
          isKeepAlive: false,
          keepAlivePeriodMs: 45_000,
          connectionTimeoutMs: 5_000,
          idleTimeoutMs: 14_400_000,
          maxConnections: 500,
        },
        udp: { bufferSizeBytes: 1_472, sessionTimeoutMs: 60_000, maxSessions: 10 },
      },
    });
  });

  it("lets the environment beat the file, and flags beat both", () => {
    const fileText =
      "cluster_name: file\nagent_id: file\ntunnels: { tcp: { max_connections: 1 } }\n";
    const env = {
      ...ENOUGH,
      CULVERT_AGENT_ID: "env",
      CULVERT_TUNNELS_TCP_MAX_CONNECTIONS: "2",
      CULVERT_URL: "http://env",
    };
    const config = accept({ env, fileText, flags: { url: "http://flag" } });
    expect(config).toMatchObject({
      clusterName: "file",
      agentId: "env",
      url: new URL("http://flag"),
      tunnels: { tcp: { maxConnections: 2 } },
    });
  });

  it("takes an empty variable as not given", () => {
    expect(accept({ env: { ...ENOUGH, CULVERT_AGENT_ID: "" } }).agentId).toBe("host-1");
  });

  it("reports every problem at once and prints no value", () => {
    const env = {
      CULVERT_URL: "ftp://secret.example.com",
      CULVERT_TOKEN: "two words-secret",
      CULVERT_DISCOVERY: "docker-secret",
      CULVERT_AGENT_PORT: "80a",
      CULVERT_FORCE_TUNNEL_MODE: "yes-secret",
      CULVERT_TUNNELS_TCP_IDLE_TIMEOUT: "1s",
    };
    const problems = refuse({ env, fileText: "tokn: x-secret\n", exposes: ["nonsense"] });
    for (const name of [...Object.keys(env), "tokn", "--expose"]) {
      expect(problems.filter((text) => text.startsWith(name))).toHaveLength(1);
    }
    expect(problems.join()).not.toContain("secret");
  });

  it("says what is missing", () => {
    expect(refuse({ env: { CULVERT_DISCOVERY: "none" } })).toHaveLength(2);
  });

  it.each([["kubernetes"], [undefined]])("needs a cluster for discovery %s", (discovery) => {
    expect(refuse({ env: { ...ENOUGH, CULVERT_DISCOVERY: discovery } })).toHaveLength(1);
  });

  it("takes the kubeconfig that is named rather than the pod's service account", () => {
    const env = { ...ENOUGH, CULVERT_DISCOVERY: "kubernetes", KUBERNETES_SERVICE_HOST: "fd00::1" };
    expect(accept({ env }).kubernetes).toMatchObject({
      credentials: { kind: "service_account", host: "fd00::1", port: 443 },
      namespaces: null,
      hasClusterView: true,
    });
    expect(
      accept({ env, fileText: "kubernetes: { cluster_view: false }" }).kubernetes,
    ).toMatchObject({ hasClusterView: false });
    expect(accept({ env: { ...env, KUBECONFIG: "a:b" } }).kubernetes?.credentials).toEqual({
      kind: "kubeconfig",
      files: ["a", "b"],
    });
    expect(accept({ env, flags: { kubeconfig: "c" } }).kubernetes?.credentials).toMatchObject({
      files: ["c"],
    });
    expect(accept({ env: { ...env, CULVERT_DISCOVERY: "none" } }).kubernetes).toBeNull();
  });

  it("reads namespaces with commas or as a list, each once", () => {
    const env = { ...ENOUGH, CULVERT_DISCOVERY: "kubernetes", KUBECONFIG: "a" };
    const fileText = "kubernetes: { namespaces: [shop, data, shop] }";
    expect(accept({ env, fileText }).kubernetes?.namespaces).toEqual(["shop", "data"]);
    const both = { ...env, CULVERT_NAMESPACES: " shop , edge" };
    expect(accept({ env: both, fileText }).kubernetes?.namespaces).toEqual(["shop", "edge"]);
    expect(refuse({ env: { ...env, CULVERT_NAMESPACES: "Shop" } })).toHaveLength(1);
  });

  it("writes feedback into a cluster only, and nothing that it does not know", () => {
    expect(accept({}).feedback).toEqual([]);
    expect(accept({ env: { ...ENOUGH, CULVERT_FEEDBACK: "off" } }).feedback).toEqual([]);
    for (const CULVERT_FEEDBACK of ["events", "annotations,labels"]) {
      const problems = refuse({ env: { ...ENOUGH, CULVERT_FEEDBACK } });
      expect(problems).toHaveLength(1);
      expect(problems[0]).toContain("CULVERT_FEEDBACK");
    }
  });

  it("needs no discovery when something is exposed", () => {
    const env = { ...ENOUGH, CULVERT_DISCOVERY: undefined };
    expect(accept({ env, exposes: ["db=tcp://localhost:5432"] }).exposes).toEqual([
      { name: "db", scheme: "tcp", host: "localhost", port: 5432 },
    ]);
  });

  it.each([
    ["not YAML", "a: [\n"],
    ["a list", "- a\n"],
    ["an unknown key", "tunnels: { tcp: { max_connection: 5 } }\n"],
    ["a leaf where a branch belongs", "tunnels: 5\n"],
    ["exposes that are a list", "expose: [db]\n"],
  ])("refuses a file that is %s", (_what, fileText) => {
    expect(refuse({ fileText })).toHaveLength(1);
  });

  it("accepts an empty file", () => {
    expect(accept({ fileText: "# nothing\n" }).agentId).toBe("host-1");
  });

  it("names each variable and each path once", () => {
    const settings = Object.values(SETTINGS);
    expect(new Set(settings.map(({ env }) => env)).size).toBe(settings.length);
    expect(new Set(settings.map(({ path }) => path.join("."))).size).toBe(settings.length);
  });
});

describe("--expose", () => {
  it.each([
    ["db=tcp://127.0.0.1:5432", { name: "db", scheme: "tcp", host: "127.0.0.1", port: 5432 }],
    ["db-2=tcp://db.internal:1/", { name: "db-2", scheme: "tcp", host: "db.internal", port: 1 }],
    ["six=tcp://[::1]:65535", { name: "six", scheme: "tcp", host: "::1", port: 65_535 }],
    ["web=http://localhost:8080/", { name: "web", scheme: "http", host: "localhost", port: 8080 }],
    ["api=H2C://localhost:50051", { name: "api", scheme: "h2c", host: "localhost", port: 50_051 }],
  ])("%s", (text, expected) => {
    expect(accept({ exposes: [text] }).exposes).toEqual([expected]);
  });

  it.each([
    ["db"],
    ["db=127.0.0.1:5432"],
    ["db=udp://127.0.0.1:53"],
    ["web=https://127.0.0.1:443"],
    ["web=http://127.0.0.1:8080/path"],
    ["db=tcp://127.0.0.1"],
    ["db=tcp://127.0.0.1:0"],
    ["db=tcp://127.0.0.1:65536"],
    ["DB=tcp://127.0.0.1:5432"],
    ["a/b=tcp://127.0.0.1:5432"],
    ["=tcp://127.0.0.1:5432"],
    ["db=tcp://user@host:5432"],
    ["db=tcp://ho st:5432"],
  ])("refuses %s", (text) => {
    expect(refuse({ exposes: [text] })).toHaveLength(1);
  });

  it("names each one that is wrong, bounded and without a password, and nothing else", () => {
    const env = { ...ENOUGH, CULVERT_DISCOVERY: undefined };
    const exposes = ["x=127.0.0.1:1", "y=http://a:1/path", "z=tcp://me:pass@h:1", "n".repeat(500)];
    const problems = refuse({ env, exposes });
    expect(problems).toHaveLength(exposes.length);
    expect(problems[0]).toContain("--expose x=127.0.0.1:1 must look like");
    expect(problems[1]).toContain("--expose y=http://a:1/path must look like");
    expect(problems[2]).toContain("--expose z=tcp://…@h:1: ");
    expect(problems[3]?.length).toBeLessThan(300);
  });

  it("refuses a name given twice", () => {
    expect(refuse({ exposes: ["a=tcp://h:1", "a=tcp://h:2"] })).toHaveLength(1);
  });
});
