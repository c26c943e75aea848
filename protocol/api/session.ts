import { z } from "zod";
import { Role } from "./common.ts";

/** Who is signed in: `GET /api/v1/me`. */
export const MeDto = z.object({
  kind: z.enum(["user", "api_key"]),
  id: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  role: Role,
});
export type MeDto = z.infer<typeof MeDto>;

export const PASSWORD_LENGTH_MIN = 10;
export const PASSWORD_LENGTH_MAX = 128;

/** `POST /api/v1/setup`: makes the first administrator; the token comes from the printed link. */
export const SetupBody = z.strictObject({
  token: z.string().min(20).max(200),
  email: z.email().max(254),
  name: z.string().trim().min(1).max(100),
  password: z
    .string()
    .min(PASSWORD_LENGTH_MIN, `must be at least ${PASSWORD_LENGTH_MIN} characters`)
    .max(PASSWORD_LENGTH_MAX),
});
export type SetupBody = z.infer<typeof SetupBody>;

/** `POST /api/v1/sign-in-link`: redeems a one-time link; sets the session cookie. */
export const SignInLinkBody = z.strictObject({ token: z.string().min(20).max(200) });
