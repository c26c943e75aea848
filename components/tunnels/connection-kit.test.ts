import { describe, expect, it } from "vitest";
import type { TunnelDto } from "#protocol/api/tunnels.ts";
import { connectionKit } from "./connection-kit.ts";
import { makeTunnel } from "./testing/make-tunnel.ts";

const ADDRESS = "culvert.example.com:15002";

function kitOf(
  name: string,
  port: number,
  address = ADDRESS,
  protocol: TunnelDto["protocol"] = "tcp",
) {
  const tunnel = makeTunnel({
    protocol,
    listener: { name, port, hostnames: [] },
    backends: [{ namespace: "a", name: "backend", port, weight: 1, ready: true }],
  });
  return connectionKit(tunnel, address);
}

describe("connectionKit", () => {
  it.each([
    ["tcp", 5432, "PostgreSQL", "psql -h culvert.example.com -p 15002 -U postgres postgres"],
    ["tcp", 6379, "Redis", "redis-cli -h culvert.example.com -p 15002"],
    ["tcp", 3306, "MySQL", "mysql -h culvert.example.com -P 15002 -u root -p"],
    ["git-ssh", 7022, "SSH", "ssh -p 15002 root@culvert.example.com"],
    ["web", 9999, "HTTP", "curl http://culvert.example.com:15002/"],
    ["postgres", 7000, "PostgreSQL", "psql -h culvert.example.com -p 15002 -U postgres postgres"],
  ])("knows %s on port %i as %s", (name, port, service, first) => {
    const kit = kitOf(name, port);
    expect(kit.service).toBe(service);
    expect(kit.lines[0]?.text).toBe(first);
  });

  it("asks a DNS server the way the tunnel carries", () => {
    expect(kitOf("dns", 53, ADDRESS, "udp").lines.map(({ text }) => text)).toEqual([
      "dig @culvert.example.com -p 15002 example.com",
      ADDRESS,
    ]);
    expect(kitOf("dns", 53).lines[0]?.text).toBe(
      "dig +tcp @culvert.example.com -p 15002 example.com",
    );
  });

  it("takes no UDP tunnel for a service that speaks TCP alone", () => {
    const kit = kitOf("web", 8080, ADDRESS, "udp");
    expect(kit.service).toBeNull();
    expect(kit.lines[0]?.text).toBe("nc -u culvert.example.com 15002");
  });

  it("asks an HTTP route's direct address for HTTP, whatever port and name it has", () => {
    const kit = kitOf("postgres", 5432, "198.51.100.7:5432", "http");
    expect(kit.lines[0]?.text).toBe("curl http://198.51.100.7:5432/");
    expect(kit.detectedBy).toBeNull();
  });

  it("offers nc and the address when it knows nothing", () => {
    const kit = kitOf("mqtt-ingest", 1883);
    expect(kit.service).toBeNull();
    expect(kit.lines.map(({ text }) => text)).toEqual(["nc culvert.example.com 15002", ADDRESS]);
  });

  it("offers psql, a URL and a .pgpass line without a password", () => {
    const kit = kitOf("postgres", 5432);
    expect(kit.lines.map(({ label }) => label)).toEqual(["psql", "URL", ".pgpass", "Address"]);
    expect(kit.lines[2]?.text).toBe("culvert.example.com:15002:*:postgres:");
  });

  it("names the user and database a person gave, safe for a shell and a URL", () => {
    const tunnel = makeTunnel();
    const kit = connectionKit(tunnel, ADDRESS, { user: "it's me", database: "a/b" });
    expect(kit.lines.map(({ text }) => text).slice(0, 2)).toEqual([
      String.raw`psql -h culvert.example.com -p 15002 -U 'it'\''s me' 'a/b'`,
      "postgresql://it's%20me@culvert.example.com:15002/a%2Fb",
    ]);
    expect(kit.asks).toEqual({ user: "postgres", database: "postgres" });
  });

  it("writes IPv6 with brackets in URLs and without elsewhere", () => {
    const kit = kitOf("postgres", 5432, "[2001:db8::1]:15002");
    expect(kit.lines[0]?.text).toContain("-h 2001:db8::1 -p 15002");
    expect(kit.lines[1]?.text).toContain("@[2001:db8::1]:15002/");
  });
});
