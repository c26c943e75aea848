import type { z } from "zod";
import type { Role } from "#protocol/api/common.ts";
import type { Actor } from "#server/services/actor.ts";
import type { Runtime } from "#server/runtime.ts";

export type HttpMethod = "GET" | "POST" | "PATCH" | "DELETE";

/** What a route's one service call is given. */
export interface RouteCall<P, Q, B> {
  readonly runtime: Runtime;
  readonly actor: Actor;
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly request: Request;
  readonly signal: AbortSignal;
  /** Headers to answer with, beside our own: cookies, for instance. */
  readonly responseHeaders: Headers;
}

interface RouteFacts<P, Q, B, R> {
  readonly method: HttpMethod;
  /** As OpenAPI writes it, below `/api/v1`: `/clusters/{id}`. */
  readonly path: string;
  readonly summary: string;
  readonly params?: z.ZodType<P>;
  readonly query?: z.ZodType<Q>;
  /** Omit for requests without a body. */
  readonly body?: z.ZodType<B>;
  /** Omit for answers without a body: they are 204. */
  readonly response?: z.ZodType<R>;
  readonly status?: number;
}

/** For people and machines with credentials: the default. */
export interface Route<P, Q, B, R> extends RouteFacts<P, Q, B, R> {
  /** The least role that may ask. */
  readonly role: Role;
  run(call: RouteCall<P, Q, B>): Promise<R>;
}

/** Needs no credentials: the first set-up, a sign-in link. */
export interface PublicRoute<P, Q, B, R> extends RouteFacts<P, Q, B, R> {
  readonly role: "nobody";
  run(call: Omit<RouteCall<P, Q, B>, "actor">): Promise<R>;
}

/** Any route, for lists of them. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a route's own types meet only inside of it
export type AnyRoute = Route<any, any, any, any> | PublicRoute<any, any, any, any>;

/** Declares a route; its types follow from its schemas. */
export function route<P, Q, B, R>(declaration: Route<P, Q, B, R>): Route<P, Q, B, R> {
  return declaration;
}

/** Declares a route that asks for no credentials. */
export function publicRoute<P, Q, B, R>(
  declaration: PublicRoute<P, Q, B, R>,
): PublicRoute<P, Q, B, R> {
  return declaration;
}
