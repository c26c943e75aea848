import type { EdgeErrorCode } from "#protocol/api/http-figures.ts";
import type {
  BackendKey,
  BackendProtocol,
  HeaderChange,
  HttpBackend,
} from "#protocol/control/http-routing.ts";
import type { RawHeaders } from "../../headers/raw-headers.ts";
import type { BackendRequest } from "../backend/backend-side.ts";
import type { ClientSide } from "../client/client-side.ts";
import { changeHeaders } from "../filters/change-headers.ts";
import {
  type ForwardPlan as PlannedForward,
  type Mirror,
  planRequest,
} from "../filters/plan-request.ts";
import { toBackendHeaders } from "../headers/to-backend-headers.ts";
import { pickHttpBackend } from "../routing/pick-http-backend.ts";
import type { Admitted } from "./admit-request.ts";

/** What is done next for a request. */
export type AttemptPlan =
  | { readonly kind: "refuse"; readonly code: EdgeErrorCode; readonly detail: string | null }
  | { readonly kind: "redirect"; readonly status: number; readonly headers: RawHeaders }
  | ForwardPlan;

export interface ForwardPlan {
  readonly kind: "forward";
  /** Null: through the Gateway's own data plane. */
  readonly backend: HttpBackend | null;
  readonly protocol: BackendProtocol;
  readonly request: BackendRequest;
  readonly responseChanges: readonly HeaderChange[];
  readonly mirrors: readonly PlannedMirror[];
}

/** A copy that is due with the share's probability, as its own backend is to get it. */
export interface PlannedMirror extends Mirror {
  readonly protocol: BackendProtocol;
  readonly request: BackendRequest;
}

export interface AttemptState {
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  /** Backends that could not be connected to. */
  readonly tried: ReadonlySet<HttpBackend>;
}

/** Applies the rule's filters, and picks a backend where the request is to be passed on. */
export function planAttempt(
  client: ClientSide,
  admitted: Admitted,
  { random, tried }: AttemptState,
): AttemptPlan {
  const picked = pickBackend(admitted, { random, tried });
  if ("failure" in picked) return { kind: "refuse", code: picked.failure, detail: null };
  const { matched, forwarded, path, query } = admitted;
  const { proto: scheme } = forwarded;
  const target = { scheme, authority: client.authority, path, query };
  const plan = planRequest(matched, picked.backend, target);
  if (plan.kind === "invalid") {
    return { kind: "refuse", code: "route_invalid", detail: plan.reason };
  }
  if (plan.kind === "redirect") {
    const headers = changeHeaders(["Location", plan.location], plan.responseChanges);
    return { kind: "redirect", status: plan.status, headers: [...headers, "Content-Length", "0"] };
  }
  return planForward(client, admitted, { plan, backend: picked.backend });
}

/** Where the rule redirects, and where the Gateway chooses itself, there is none. */
function pickBackend(
  { matched, entry }: Admitted,
  { random, tried }: AttemptState,
): ReturnType<typeof pickHttpBackend> | { readonly backend: null } {
  const isRedirect = matched.rule.filters.some(({ type }) => type === "redirect");
  if (isRedirect || entry.http.routing.isThroughGateway) return { backend: null };
  return pickHttpBackend(matched.rule, random, tried);
}

function planForward(
  client: ClientSide,
  admitted: Admitted,
  { plan, backend }: { readonly plan: PlannedForward; readonly backend: HttpBackend | null },
): ForwardPlan {
  const { responseChanges } = plan;
  const protocolOf = (own: BackendProtocol): BackendProtocol => (isGrpc(client) ? "h2c" : own);
  const protocol = protocolOf(backend?.protocol ?? "http1");
  const request = toBackendRequest(client, admitted, { plan, protocol });
  const mirrors = plan.mirrors.map((mirror): PlannedMirror => {
    const its = protocolOf(mirror.backend.protocol);
    if (its === protocol) return { ...mirror, protocol, request };
    return {
      ...mirror,
      protocol: its,
      request: toBackendRequest(client, admitted, { plan, protocol: its }),
    };
  });
  return { kind: "forward", backend, protocol, request, responseChanges, mirrors };
}

function toBackendRequest(
  client: ClientSide,
  admitted: Admitted,
  { plan, protocol }: { readonly plan: PlannedForward; readonly protocol: BackendProtocol },
): BackendRequest {
  const { forwarded, isFromTrustedProxy, requestId } = admitted;
  const authority = plan.authority ?? gatewayAuthority(admitted) ?? client.authority;
  const isSized = client.header("content-length") !== undefined;
  const canHaveTrailers = client.body !== null && (protocol === "h2c" || !isSized);
  const headers = toBackendHeaders(client.headers, {
    forwarded,
    isFromTrustedProxy,
    requestId,
    received: client.version,
    protocol,
    authority,
    canHaveTrailers,
  });
  return {
    method: client.method,
    authority,
    target: plan.target,
    headers: changeHeaders(headers, plan.requestChanges),
    hasBody: client.body !== null,
    isSized,
    mayHaveTrailers: canHaveTrailers && client.header("trailer") !== undefined,
  };
}

/** A Gateway finds its routes by host name, and knows nothing of the tunnel's own: a route's name stands for it. */
function gatewayAuthority({ entry, matched }: Admitted): string | null {
  if (!entry.isOwnName || !entry.http.routing.isThroughGateway) return null;
  const name = matched.rule.hostnames.find((hostname) => !hostname.startsWith("*."));
  return name ?? null;
}

/** gRPC is HTTP/2 and nothing else, whatever the Service says of itself; gRPC-Web is what there is for everything else. */
function isGrpc(client: ClientSide): boolean {
  return /^application\/grpc(?:[+; ]|$)/i.test(client.header("content-type") ?? "");
}

export function backendKeyOf({ namespace, name, port }: BackendKey): BackendKey {
  return { namespace, name, port };
}

export function backendNameOf({ namespace, name, port }: BackendKey): string {
  return `${namespace}/${name}:${port}`;
}
