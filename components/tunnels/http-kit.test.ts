import { describe, expect, it } from "vitest";
import { httpKit } from "./http-kit.ts";
import { makeHttpTunnel } from "./testing/make-http-tunnel.ts";

function kitOf(change: Parameters<typeof makeHttpTunnel>[0] = {}) {
  const tunnel = makeHttpTunnel(change);
  const kit = httpKit(tunnel, tunnel.http);
  return { kit, line: (id: string) => kit.lines.find((line) => line.id === id) };
}

describe("httpKit", () => {
  it("names the site for curl, and says what knows names below .localhost", () => {
    const { line } = kitOf();
    expect(line("curl")?.text).toBe("curl http://shop-00000001.tunnel.localhost:8080/");
    expect(line("curl")?.note).toContain(".localhost");
  });

  it("opens a WebSocket by either of two clients, with TLS where the site has it", () => {
    expect(kitOf().line("websocket")?.text).toBe(
      "websocat ws://shop-00000001.tunnel.localhost:8080/",
    );
    const { line } = kitOf({ siteUrl: "https://shop-00000001.edge.example.com/" });
    expect(line("websocket")?.text).toBe("websocat wss://shop-00000001.edge.example.com/");
    expect(line("websocket")?.note).toContain("wscat -c wss://");
  });

  it("stands in for a DNS record: by address on this machine, by name elsewhere", () => {
    const hostnames = [
      { name: "taken.example.com", problem: "Another cluster serves it." },
      { name: "*.example.com", problem: null },
      { name: "shop.example.com", problem: null },
    ];
    expect(kitOf({ hostnames }).line("host")?.text).toBe(
      "curl --resolve shop.example.com:8080:127.0.0.1 http://shop.example.com:8080/",
    );
    const siteUrl = "https://shop-00000001.edge.example.net/";
    expect(kitOf({ hostnames, siteUrl }).line("host")?.text).toBe(
      "curl --connect-to shop.example.com:443:shop-00000001.edge.example.net:443 https://shop.example.com/",
    );
  });

  it("has no line for host names when none leads here", () => {
    expect(kitOf().line("host")).toBeUndefined();
  });

  it("begins with grpcurl where a backend seems to speak gRPC", () => {
    const backend = { namespace: "shop", name: "cart-grpc", port: 9_000, weight: 1, ready: true };
    const { kit } = kitOf({ backends: [backend] });
    expect(kit.lines[0]?.text).toBe("grpcurl -plaintext shop-00000001.tunnel.localhost:8080 list");
    expect(kit).toMatchObject({ service: "gRPC", detectedBy: "name" });
    expect(kitOf().kit.service).toBeNull();
    expect(kitOf({ backends: [{ ...backend, name: "cart", port: 50_051 }] }).kit.detectedBy).toBe(
      "port",
    );
  });
});
