import { MeDto, SetupBody, SignInLinkBody } from "#protocol/api/session.ts";
import { z } from "zod";
import { publicRoute, route } from "#server/http/route.ts";
import { toMeDto } from "#server/http/me.ts";

const Done = z.object({ ok: z.literal(true) });

export const sessionRoutes = {
  me: route({
    method: "GET",
    path: "/me",
    summary: "Who is signed in",
    role: "viewer",
    response: MeDto,
    run: async ({ actor }) => toMeDto(actor),
  }),
  setup: publicRoute({
    method: "POST",
    path: "/setup",
    summary: "Make the first administrator, with the token of the printed link; signs in",
    role: "nobody",
    body: SetupBody,
    response: Done,
    status: 201,
    run: async ({ runtime, body, request, responseHeaders }) => {
      await runtime.people.setUp(body, request.headers, responseHeaders);
      return { ok: true } as const;
    },
  }),
  signInLink: publicRoute({
    method: "POST",
    path: "/sign-in-link",
    summary: "Sign in with a one-time link",
    role: "nobody",
    body: SignInLinkBody,
    response: Done,
    run: async ({ runtime, body, request, responseHeaders }) => {
      await runtime.people.signInByLink(body.token, request.headers, responseHeaders);
      return { ok: true } as const;
    },
  }),
} as const;
