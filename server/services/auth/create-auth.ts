import { betterAuth } from "better-auth";
import { prismaAdapter } from "better-auth/adapters/prisma";
import { Role } from "#protocol/api/common.ts";
import { PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN } from "#protocol/api/session.ts";
import { transaction } from "#server/db/db.ts";
import { newId } from "#server/lib/ids.ts";
import type { Actor } from "#server/services/actor.ts";
import { appendAudit } from "#server/services/audit/append-audit.ts";
import type { ServiceContext } from "#server/services/service-context.ts";
import { startSessionPlugin } from "./start-session-plugin.ts";

export interface AuthOptions {
  readonly deps: Pick<ServiceContext, "db" | "now" | "changes" | "installation">;
  /** Signs the session cookies. */
  readonly secret: string;
  /** Sign-ins that one address may try in a minute. */
  readonly signInsPerMinute?: number;
  readonly log: { warn(facts: object, message: string): void };
}

/** A person's session cookie lives this long, and is renewed once a day. */
const SESSION_SECONDS = 7 * 86_400;
const SESSION_RENEWAL_SECONDS = 86_400;
const SIGN_INS_PER_MINUTE = 10;
const REQUESTS_PER_MINUTE = 300;

/** What better-auth offers and we do not: there is no mail, and people are made by administrators. */
const DISABLED_PATHS = [
  "/sign-up/email",
  "/update-user",
  "/change-email",
  "/delete-user",
  "/request-password-reset",
  "/reset-password",
  "/send-verification-email",
  "/verify-email",
  "/sign-in/social",
  "/link-social",
  "/unlink-account",
];

export type Auth = ReturnType<typeof createAuth>;

/** Builds the sign-in of people: passwords, sessions in cookies, and nothing that needs mail. */
export function createAuth(options: AuthOptions) {
  const { deps, log } = options;
  const { publicUrl } = deps.installation;
  const signIns = options.signInsPerMinute ?? SIGN_INS_PER_MINUTE;
  return betterAuth({
    appName: "Culvert",
    baseURL: publicUrl,
    basePath: "/api/auth",
    secret: options.secret,
    database: prismaAdapter(deps.db, { provider: "sqlite" }),
    telemetry: { enabled: false },
    logger: {
      level: "warn",
      log: (level, message) => log.warn({ level, detail: message }, "sign-in library"),
    },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: PASSWORD_LENGTH_MIN,
      maxPasswordLength: PASSWORD_LENGTH_MAX,
    },
    disabledPaths: DISABLED_PATHS,
    session: { expiresIn: SESSION_SECONDS, updateAge: SESSION_RENEWAL_SECONDS },
    user: { additionalFields: { role: { type: "string", input: false, defaultValue: "viewer" } } },
    trustedOrigins: (request) => [publicUrl, ...originSeen(request)],
    rateLimit: {
      enabled: true,
      window: 60,
      max: REQUESTS_PER_MINUTE,
      customRules: { "/sign-in/email": { window: 60, max: signIns } },
    },
    advanced: {
      cookiePrefix: "culvert",
      // Said outright, because the library's default depends on the environment it finds.
      disableOriginCheck: false,
      disableCSRFCheck: false,
      ipAddress: { ipAddressHeaders: ["x-forwarded-for"] },
      database: { generateId: ({ model }) => (model === "user" ? newId("us") : newId("se")) },
    },
    databaseHooks: {
      session: {
        create: { after: (session) => auditSession(deps, session, "user.sign_in") },
        delete: { after: (session) => auditSession(deps, session, "user.sign_out") },
      },
    },
    plugins: [startSessionPlugin()],
  });
}

/** The origin that the front door saw: a person who opens 127.0.0.1 instead of localhost must be able to sign in. */
function originSeen(request: Request | undefined): readonly string[] {
  const host = request?.headers.get("x-forwarded-host") ?? null;
  const proto = request?.headers.get("x-forwarded-proto") ?? "http";
  return host === null ? [] : [`${proto}://${host}`];
}

async function auditSession(
  deps: AuthOptions["deps"],
  session: { readonly userId: string; readonly ipAddress?: string | null | undefined },
  action: "user.sign_in" | "user.sign_out",
): Promise<void> {
  const address = session.ipAddress === "" ? null : (session.ipAddress ?? null);
  const event = await transaction(deps.db, async (tx) => {
    const user = await tx.user.findUnique({ where: { id: session.userId } });
    if (user === null) return null;
    const actor: Actor = {
      kind: "user",
      id: user.id,
      name: user.email,
      role: Role.parse(user.role),
      address,
    };
    return await appendAudit(tx, {
      actor,
      at: deps.now(),
      action,
      object: { kind: "user", id: user.id, name: user.email },
    });
  });
  if (event !== null) deps.changes.publish(event);
}
