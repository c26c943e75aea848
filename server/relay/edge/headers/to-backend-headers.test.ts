import { describe, expect, it } from "vitest";
import { pairs } from "../../headers/raw-headers.ts";
import { type BackendHeaderFacts, toBackendHeaders } from "./to-backend-headers.ts";
import { toClientHeaders } from "./to-client-headers.ts";
import { toRequestId } from "./request-id.ts";

function factsOf(over: Partial<BackendHeaderFacts> = {}): BackendHeaderFacts {
  return {
    forwarded: { address: "203.0.113.7", proto: "http", host: "shop.test" },
    isFromTrustedProxy: false,
    requestId: "r1",
    received: "1.1",
    protocol: "http1",
    authority: "shop.test",
    canHaveTrailers: false,
    ...over,
  };
}

function backendFields(raw: string[], over: Partial<BackendHeaderFacts> = {}): string[] {
  return [...pairs(toBackendHeaders(raw, factsOf(over)))].map((pair) => pair.join(": "));
}

const OURS = [
  "X-Forwarded-For: 203.0.113.7",
  "X-Forwarded-Proto: http",
  "X-Forwarded-Host: shop.test",
  "X-Forwarded-Port: 80",
  "Forwarded: for=203.0.113.7;proto=http;host=shop.test",
  "Via: 1.1 culvert",
  "X-Request-Id: r1",
];

describe("headers towards a backend", () => {
  it("are the client's without the hop's own, and then what we know", () => {
    const raw = ["Host", "shop.test", "Connection", "keep-alive, X-Mine", "X-Mine", "1"];
    raw.push("Accept", "*/*", "TE", "gzip", "Via", "1.0 other", "X-Request-ID", "theirs");
    expect(backendFields(raw)).toEqual([
      "Host: shop.test",
      "Accept: */*",
      "Via: 1.0 other",
      ...OURS,
    ]);
  });

  const spoofed = [
    "X-Forwarded-For",
    "X-FORWARDED-PROTO",
    "x-forwarded-host",
    "X-Forwarded-Port",
    "Forwarded",
    "X-Real-IP",
    "X_Forwarded_For",
    "X-Forwarded_Proto",
    "X_Real_IP",
  ];
  it.each([...spoofed, "X-Forwarded-User", "X-Forwarded-Client-Cert", "X_Forwarded_User"])(
    "never carry a stranger's %s",
    (name) => {
      expect(backendFields([name, "spoofed"])).toEqual(["Host: shop.test", ...OURS]);
    },
  );

  it("carry of a trusted proxy's fields those that we have no word of our own for", () => {
    const raw = [...spoofed.flatMap((name) => [name, "theirs"]), "X-Forwarded-User", "ann"];
    expect(backendFields(raw, { isFromTrustedProxy: true })).toEqual([
      "Host: shop.test",
      "X-Forwarded-User: ann",
      ...OURS,
    ]);
  });

  it.each([
    [
      "2001:db8::7",
      "https",
      "shop.test:8443",
      "8443",
      'for="[2001:db8::7]";proto=https;host="shop.test:8443"',
    ],
    ["192.0.2.1", "https", "shop.test", "443", "for=192.0.2.1;proto=https;host=shop.test"],
    ["", "http", "", "80", "for=unknown;proto=http"],
    ["192.0.2.1", "http", 'a"\\b', "80", 'for=192.0.2.1;proto=http;host="a\\"\\\\b"'],
  ] as const)("say of %j over %s on %j its port %s and %s", (...row) => {
    const [address, proto, host, port, field] = row;
    const fields = backendFields([], { forwarded: { address, proto, host } });
    expect(fields).toContain(`X-Forwarded-Port: ${port}`);
    expect(fields).toContain(`Forwarded: ${field}`);
  });

  it("name the host that the rule wants, while X-Forwarded-Host stays what was asked for", () => {
    const fields = backendFields(["Host", "shop.test"], { authority: "one.example.org" });
    expect(fields[0]).toBe("Host: one.example.org");
    expect(fields).toContain("X-Forwarded-Host: shop.test");
    expect(fields.filter((field) => field.startsWith("Host:"))).toHaveLength(1);
  });

  it("of HTTP/2 lose pseudo headers, and its split cookies become one for HTTP/1.1", () => {
    const raw = [
      ":method",
      "GET",
      ":authority",
      "shop.test",
      "cookie",
      "a=1",
      "x",
      "1",
      "cookie",
      "b=2",
    ];
    expect(backendFields(raw, { received: "2" }).slice(0, 3)).toEqual([
      "Host: shop.test",
      "x: 1",
      "Cookie: a=1; b=2",
    ]);
    const h2c = backendFields(raw, { received: "2", protocol: "h2c" });
    expect(h2c.slice(0, 3)).toEqual(["cookie: a=1", "x: 1", "cookie: b=2"]);
    expect(h2c).toContain("Via: 2 culvert");
    expect(h2c.some((field) => field.startsWith("Host"))).toBe(false);
  });

  it("keep TE: trailers for h2c, and of it nothing else", () => {
    const raw = ["TE", "gzip, Trailers"];
    expect(backendFields(raw, { protocol: "h2c" })).toContain("TE: trailers");
    expect(backendFields(raw).some((field) => field.startsWith("TE"))).toBe(false);
    expect(backendFields(["TE", "gzip"], { protocol: "h2c" }).join()).not.toContain("TE:");
  });

  it("announce trailers only where trailers can follow", () => {
    const raw = ["Trailer", "Grpc-Status", "trailer", "X-Sum"];
    expect(backendFields(raw, { canHaveTrailers: true }).slice(-2)).toEqual([
      "Trailer: Grpc-Status",
      "Trailer: X-Sum",
    ]);
    expect(backendFields(raw).join()).not.toContain("railer");
  });
});

describe("headers towards the client", () => {
  it("are the backend's without the hop's own, with our Via after its own", () => {
    const raw = ["Content-Type", "text/html", "Connection", "close, X-Hop", "X-Hop", "1"];
    raw.push(
      "Transfer-Encoding",
      "chunked",
      "Via",
      "1.1 inner",
      "Set-Cookie",
      "a=1",
      "Set-Cookie",
      "b=2",
    );
    raw.push("Trailer", "X-Sum", "culvert-error", "no_route", ":status", "200");
    const kept = ["Content-Type", "text/html", "Via", "1.1 inner", "Set-Cookie", "a=1"];
    kept.push("Set-Cookie", "b=2", "Via", "1.1 culvert");
    const facts = { received: "1.1", status: 200, canHaveTrailers: false } as const;
    expect(toClientHeaders(raw, facts)).toEqual(kept);
    expect(toClientHeaders(raw, { ...facts, canHaveTrailers: true })).toEqual(
      [...kept, "Trailer", "X-Sum"], //
    );
  });

  it.each([
    [103, false],
    [204, false],
    [200, true],
    [304, true],
  ])("of the status %i have a length: %s", (status, isKept) => {
    const facts = { received: "1.1", status, canHaveTrailers: false } as const;
    const headers = toClientHeaders(["content-length", "3"], facts);
    expect(headers.includes("content-length")).toBe(isKept);
  });
});

describe("the id of a request", () => {
  it.each([
    ["a-sane.ID_1", "a-sane.ID_1"],
    ["x".repeat(128), "x".repeat(128)],
    ["x".repeat(129), "ours"],
    ["", "ours"],
    ["a b", "ours"],
    ["a, b", "ours"],
    ["<script>", "ours"],
    ["a\n", "ours"],
    [undefined, "ours"],
  ])("of %j is %s", (header, expected) => {
    expect(toRequestId(header, () => "ours")).toBe(expected);
  });
});
