import { headers } from "next/headers";
import { redirect } from "next/navigation";
import type { Actor } from "#server/services/actor.ts";
import { getRuntime } from "#server/runtime.ts";

/** The person behind this page's request; null when nobody is signed in. */
export async function findCurrentActor(): Promise<Actor | null> {
  const requestHeaders = await headers();
  return await getRuntime().people.findActor(new Headers(requestHeaders));
}

/** The person behind this page's request; anybody else is sent to the sign-in page. */
export async function requireActor(): Promise<Actor> {
  const actor = await findCurrentActor();
  if (actor === null) redirect("/sign-in");
  return actor;
}
