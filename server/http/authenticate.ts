import { AppError } from "#protocol/errors.ts";
import type { Actor } from "#server/services/actor.ts";
import type { Runtime } from "#server/runtime.ts";

/** Which credentials a request carries. An `Authorization` header is never overruled by a cookie. */
export function credentialsOf(headers: Headers): "bearer" | "cookie" | "none" {
  if (headers.has("authorization")) return "bearer";
  return headers.has("cookie") ? "cookie" : "none";
}

/** The client's address as the front door saw it; null when it did not say. */
export function clientAddress(headers: Headers): string | null {
  const [first] = (headers.get("x-forwarded-for") ?? "").split(",");
  const address = first?.trim() ?? "";
  return address === "" ? null : address;
}

/** @throws AppError `unauthenticated` without a valid session or API key. */
export async function authenticate(runtime: Runtime, headers: Headers): Promise<Actor> {
  const actor = await runtime.people.findActor(headers);
  if (actor === null) throw new AppError("unauthenticated", "Sign in, or send an API key");
  return actor;
}
