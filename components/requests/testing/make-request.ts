import { HttpRequestDto } from "#protocol/api/requests.ts";

type Change = Partial<Omit<HttpRequestDto, "id" | "tunnelId">> & {
  id?: string;
  tunnelId?: string;
};

/** A request that went well; a test names what matters to it. */
export function makeRequest(change: Change = {}): HttpRequestDto {
  return HttpRequestDto.parse({
    id: "cn_00000001",
    tunnelId: "tn_00000001",
    relayId: "rl_1",
    at: "2026-11-21T14:02:11.000Z",
    method: "GET",
    host: "shop-00000001.tunnel.localhost",
    path: "/orders",
    upgrade: null,
    clientAddress: "203.0.113.24:51873",
    status: 200,
    error: null,
    detail: null,
    backend: "shop/web:8080",
    firstByteMs: 12,
    durationMs: 15,
    bytes: { in: 0, out: 2_048 },
    ...change,
  });
}
