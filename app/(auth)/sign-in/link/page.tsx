import type { Metadata } from "next";
import { SignInLink } from "#components/auth/sign-in-link.tsx";
import { readSignInCommand } from "#server/http/sign-in-page.ts";

export const metadata: Metadata = { title: "Sign in" };

interface SignInLinkPageProps {
  readonly searchParams: Promise<{ readonly token?: string | string[] }>;
}

/** Opening the page uses nothing up: a preview of the link by a mail program must not. */
export default async function SignInLinkPage({ searchParams }: SignInLinkPageProps) {
  const { token } = await searchParams;
  return (
    <SignInLink
      token={typeof token === "string" ? token : ""}
      linkCommand={await readSignInCommand()}
    />
  );
}
