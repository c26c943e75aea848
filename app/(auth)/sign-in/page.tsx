import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { safeReturnPath } from "#components/auth/auth-client.ts";
import { SignInForm } from "#components/auth/sign-in-form.tsx";
import { findCurrentActor } from "#server/http/current-actor.ts";

export const metadata: Metadata = { title: "Sign in" };

interface SignInPageProps {
  readonly searchParams: Promise<{ readonly next?: string | string[] }>;
}

export default async function SignInPage({ searchParams }: SignInPageProps) {
  const { next } = await searchParams;
  const returnPath = safeReturnPath(typeof next === "string" ? next : null);
  if ((await findCurrentActor()) !== null) redirect(returnPath);
  return <SignInForm returnPath={returnPath} />;
}
