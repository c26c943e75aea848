import { Role } from "#protocol/api/common.ts";
import type { SetupBody } from "#protocol/api/session.ts";
import type { Actor } from "#server/services/actor.ts";
import { findApiKeyActor } from "#server/services/api-keys/find-api-key.ts";
import { isSetupTokenValid } from "#server/services/one-time-links/create-link.ts";
import { redeemSignInLink } from "#server/services/one-time-links/redeem-sign-in-link.ts";
import { completeSetup } from "#server/services/users/complete-setup.ts";
import { hasPeople } from "#server/services/users/has-people.ts";
import { createAuth, type Auth, type AuthOptions } from "./create-auth.ts";

/** Everything about who is calling: credentials in, actors out. */
export interface People {
  /** False until the first administrator exists. */
  exist(): Promise<boolean>;
  /** Who is behind these headers; null without valid credentials. Fails closed. */
  findActor(headers: Headers): Promise<Actor | null>;
  /** Serves `/api/auth/*`. */
  handle(request: Request): Promise<Response>;
  /** True while no person exists and the token is that of the printed link. */
  isSetupTokenValid(token: string): Promise<boolean>;
  /** Makes the first administrator and signs them in: cookies are appended to `responseHeaders`. */
  setUp(body: SetupBody, headers: Headers, responseHeaders: Headers): Promise<void>;
  /** Redeems a one-time link: cookies are appended to `responseHeaders`. */
  signInByLink(token: string, headers: Headers, responseHeaders: Headers): Promise<void>;
}

/** Joins the two kinds of credentials: API keys of machines, sessions of people. */
export function createPeople(options: AuthOptions): People {
  const auth = createAuth(options);
  const { deps } = options;
  return {
    exist: () => hasPeople(deps.db),
    findActor: (headers) => findActor(auth, options, headers),
    handle: (request) => auth.handler(request),
    isSetupTokenValid: (token) => isSetupTokenValid(deps, token),
    setUp: async (body, headers, responseHeaders) => {
      const { userId } = await completeSetup(deps, { address: addressOf(headers) }, body);
      await startSession(auth, userId, headers, responseHeaders);
    },
    signInByLink: async (token, headers, responseHeaders) => {
      const { userId } = await redeemSignInLink(deps, { token });
      await startSession(auth, userId, headers, responseHeaders);
    },
  };
}

async function findActor(
  auth: Auth,
  { deps }: AuthOptions,
  headers: Headers,
): Promise<Actor | null> {
  const address = addressOf(headers);
  const authorization = headers.get("authorization");
  if (authorization !== null) {
    // A header that is there decides: a cookie never stands in for a wrong key.
    const key = /^Bearer (\S+)$/i.exec(authorization)?.[1];
    return key === undefined ? null : await findApiKeyActor(deps, key, address);
  }
  if (!headers.has("cookie")) return null;
  const found = await auth.api.getSession({ headers });
  const role = Role.safeParse(found?.user.role);
  if (found === null || !role.success) return null;
  return { kind: "user", id: found.user.id, name: found.user.email, role: role.data, address };
}

async function startSession(
  auth: Auth,
  userId: string,
  headers: Headers,
  responseHeaders: Headers,
): Promise<void> {
  const answer = await auth.api.startSession({ body: { userId }, headers, returnHeaders: true });
  for (const cookie of answer.headers.getSetCookie()) responseHeaders.append("set-cookie", cookie);
}

function addressOf(headers: Headers): string | null {
  const [first = ""] = (headers.get("x-forwarded-for") ?? "").split(",");
  return first.trim() === "" ? null : first.trim();
}
