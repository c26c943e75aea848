import { z } from "zod";
import { DisplayName, Role } from "#protocol/api/common.ts";
import { PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN } from "#protocol/api/session.ts";

const Email = z.email("must be an e-mail address").max(254);

/**
 * What an administrator may ask for on the server's own machine: input and answer of each.
 * They cross the private socket, so both ends parse.
 */
export const ADMIN_COMMANDS = {
  "create-user": {
    input: z.strictObject({
      email: Email,
      name: z.string().trim().min(1).max(100).optional(),
      role: Role.default("admin"),
      password: z
        .string()
        .min(PASSWORD_LENGTH_MIN, `must be at least ${PASSWORD_LENGTH_MIN} characters`)
        .max(PASSWORD_LENGTH_MAX, `must be at most ${PASSWORD_LENGTH_MAX} characters`),
    }),
    output: z.object({ userId: z.string(), email: z.string(), role: Role }),
  },
  "create-api-key": {
    input: z.strictObject({ name: DisplayName, role: Role.default("admin") }),
    output: z.object({ key: z.string() }),
  },
  "create-cluster": {
    input: z.strictObject({ name: DisplayName }),
    output: z.object({ clusterId: z.string(), token: z.string() }),
  },
  "sign-in-link": {
    input: z.strictObject({ email: Email.optional() }),
    output: z.object({ url: z.string() }),
  },
} as const;

export type AdminCommandName = keyof typeof ADMIN_COMMANDS;
export type AdminInput<N extends AdminCommandName> = z.input<(typeof ADMIN_COMMANDS)[N]["input"]>;
export type AdminOutput<N extends AdminCommandName> = z.output<
  (typeof ADMIN_COMMANDS)[N]["output"]
>;

export function isAdminCommand(name: string): name is AdminCommandName {
  return Object.hasOwn(ADMIN_COMMANDS, name);
}

/** Where the web process answers them, on its private socket. */
export const ADMIN_PATH_PREFIX = "/admin/";
