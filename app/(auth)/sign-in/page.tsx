import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { safeReturnPath } from "#components/auth/auth-client.ts";
import { BeforeSetup } from "#components/auth/before-setup.tsx";
import { SignInForm } from "#components/auth/sign-in-form.tsx";
import { findCurrentActor } from "#server/http/current-actor.ts";
import { canAnybodySignIn, readSignInCommand } from "#server/http/sign-in-page.ts";

export const metadata: Metadata = { title: "Sign in" };

interface SignInPageProps {
  readonly searchParams: Promise<{ readonly next?: string | string[] }>;
}

export default async function SignInPage({ searchParams }: SignInPageProps) {
  const { next } = await searchParams;
  const returnPath = safeReturnPath(typeof next === "string" ? next : null);
  if ((await findCurrentActor()) !== null) redirect(returnPath);
  if (!(await canAnybodySignIn())) return <BeforeSetup />;
  return <SignInForm returnPath={returnPath} linkCommand={await readSignInCommand()} />;
}
