import { connection } from "next/server";
import { getRuntime } from "#server/runtime.ts";

/** What prints a sign-in link where this server runs. */
export async function readSignInCommand(): Promise<string> {
  await connection();
  return getRuntime().signInCommand;
}

/** False until the first administrator exists: nobody can sign in before. */
export async function canAnybodySignIn(): Promise<boolean> {
  await connection();
  return await getRuntime().people.exist();
}
