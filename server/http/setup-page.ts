import { connection } from "next/server";
import { getRuntime } from "#server/runtime.ts";

/** True while no person exists and `token` is that of the printed set-up link. */
export async function isSetupTokenValid(token: string | undefined): Promise<boolean> {
  await connection();
  if (token === undefined || token === "") return false;
  return await getRuntime().people.isSetupTokenValid(token);
}
