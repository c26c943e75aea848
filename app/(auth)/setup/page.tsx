import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { SetupForm } from "#components/auth/setup-form.tsx";
import { isSetupTokenValid } from "#server/http/setup-page.ts";

export const metadata: Metadata = { title: "Set up" };

interface SetupPageProps {
  readonly searchParams: Promise<{ readonly token?: string | string[] }>;
}

export default async function SetupPage({ searchParams }: SetupPageProps) {
  const { token } = await searchParams;
  if (typeof token !== "string" || !(await isSetupTokenValid(token))) notFound();
  return <SetupForm token={token} />;
}
