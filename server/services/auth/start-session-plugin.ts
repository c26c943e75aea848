import type { BetterAuthPlugin } from "better-auth";
import { createAuthEndpoint } from "better-auth/api";
import { setSessionCookie } from "better-auth/cookies";
import { z } from "zod";

/**
 * Starts a session for a person whom we identified ourselves: by the set-up link, or by a sign-in link.
 *
 * Never reachable over HTTP: it believes whoever calls it.
 */
export function startSessionPlugin() {
  return {
    id: "start-session",
    endpoints: {
      startSession: createAuthEndpoint.serverOnly(
        {
          method: "POST",
          requireHeaders: true,
          body: z.object({ userId: z.string() }),
        },
        async (context) => {
          const { internalAdapter } = context.context;
          const user = await internalAdapter.findUserById(context.body.userId);
          if (user === null) throw context.error("NOT_FOUND");
          const session = await internalAdapter.createSession(user.id);
          await setSessionCookie(context, { session, user });
          return context.json({ ok: true });
        },
      ),
    },
  } satisfies BetterAuthPlugin;
}
