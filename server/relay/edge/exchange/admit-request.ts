import { randomUUID } from "node:crypto";
import type { EdgeErrorCode } from "#protocol/api/http-figures.ts";
import { toEndpoint } from "#server/lib/ip-address.ts";
import { toForwarded, type Forwarded } from "../../headers/forwarded-headers.ts";
import type { Route } from "../../routing/route-table.ts";
import type { ClientSide } from "../client/client-side.ts";
import { findRequestFault } from "../headers/find-request-fault.ts";
import { toRequestId } from "../headers/request-id.ts";
import type { Matched } from "../routing/compile-routing.ts";
import type { HostEntry } from "../routing/host-table.ts";
import { parseHost } from "../routing/parse-host.ts";
import { resolveDotSegments } from "../routing/resolve-dot-segments.ts";
import { answerItself } from "./answer-itself.ts";
import type { EdgeDeps } from "./edge-deps.ts";
import type { Exchange } from "./exchange.ts";

/** A request that a tunnel takes, and the rule that it falls under. */
export interface Admitted {
  readonly exchange: Exchange;
  readonly entry: HostEntry;
  readonly matched: Matched;
  readonly forwarded: Forwarded;
  readonly isFromTrustedProxy: boolean;
  readonly requestId: string;
  readonly path: string;
  readonly query: string;
}

/** Finds the tunnel and the rule for a request. What has none is answered here. @returns null when it was answered. */
export function admitRequest(client: ClientSide, deps: EdgeDeps): Admitted | null {
  const refuse = (code: EdgeErrorCode, detail: string | null = null): null => {
    answerItself({ client, deps, exchange: null, requestId: randomUUID(), code, detail });
    return null;
  };
  if (client.method === "CONNECT") return refuse("connect_refused");
  const fault = findRequestFault({
    method: client.method,
    target: client.rawTarget,
    version: client.version,
    rawHeaders: client.headers,
  });
  if (fault !== null) {
    deps.onRefused({ reason: fault, clientAddress: client.peerAddress });
    return refuse("bad_request", fault);
  }
  const host = parseHost(client.authority)?.host ?? null;
  const entry = host === null ? null : deps.hosts().find(host);
  const route = entry === null ? null : deps.routes.findRoute(entry.tunnel.id);
  if (host === null || entry === null || route === null) return refuse("no_such_host");
  return admitTo({ host, entry, route }, client, deps);
}

interface Place {
  readonly host: string;
  readonly entry: HostEntry;
  readonly route: Route;
}

function admitTo({ host, entry, route }: Place, client: ClientSide, deps: EdgeDeps) {
  const { path: asked, query } = splitPath(client.target);
  // A Gateway that matches by itself gets paths as they were sent.
  const path = entry.http.routing.isThroughGateway ? asked : resolveDotSegments(asked);
  const forwarded = forwardedOf(client, deps);
  const isPeer = forwarded.address === client.peerAddress;
  const exchange = deps.table.open({
    route,
    method: client.method,
    host,
    path,
    clientAddress: isPeer ? toEndpoint(forwarded.address, client.peerPort) : forwarded.address,
  });
  client.onClose((isWhole) => deps.table.end(exchange, isWhole));
  const requestId = toRequestId(client.header("x-request-id"), () => exchange.uuid);
  const answer = (code: EdgeErrorCode, detail: string | null = null): null => {
    answerItself({ client, deps, exchange, requestId, code, detail });
    return null;
  };
  if (deps.isDraining()) return answer("shutting_down");
  if (route.tunnel.state !== "open") return answer("tunnel_off");
  if (!deps.isAccepting(route.tunnel.id)) return answer("moved_to_direct");
  const limit = deps.table.findLimit(route);
  if (limit !== null) return answer("limit_reached", limit);
  const matched = entry.routing.find({
    method: client.method,
    path,
    query,
    host: entry.isOwnName ? null : host,
    header: (name) => client.header(name),
  });
  // A pattern that cannot match is the likeliest reason, and is told nowhere else.
  if (matched === null) return answer("no_route", entry.routing.problems[0] ?? null);
  const isFromTrustedProxy = deps.isTrustedProxy(client.peerAddress);
  return { exchange, entry, matched, forwarded, isFromTrustedProxy, requestId, path, query };
}

/** Where the request came from, as far as it can be believed. What nobody trusted says is not even looked up. */
function forwardedOf(client: ClientSide, { isTrustedProxy }: EdgeDeps): Forwarded {
  if (!isTrustedProxy(client.peerAddress)) {
    return toForwarded({ host: client.authority }, client.peerAddress, isTrustedProxy);
  }
  const told = (name: string): Record<string, string> => {
    const value = client.header(name);
    return value === undefined ? {} : { [name]: value };
  };
  const headers = {
    host: client.authority,
    ...told("x-forwarded-for"),
    ...told("x-forwarded-proto"),
    ...told("x-forwarded-host"),
  };
  return toForwarded(headers, client.peerAddress, isTrustedProxy);
}

function splitPath(target: string): { path: string; query: string } {
  const at = target.indexOf("?");
  return at < 0
    ? { path: target, query: "" }
    : { path: target.slice(0, at), query: target.slice(at + 1) };
}
