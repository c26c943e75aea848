import type { ReactNode } from "react";
import { CulvertMark } from "#components/ui/icons.tsx";

/** One card, nothing else. */
export default function AuthLayout({ children }: { readonly children: ReactNode }) {
  return (
    <main className="flex min-h-screen flex-col items-center justify-center px-4 py-10">
      <div className="w-full max-w-[380px]">
        <div className="mb-6 flex items-center justify-center gap-2.5 text-lg font-semibold tracking-tight">
          <CulvertMark size={26} />
          Culvert
        </div>
        {children}
      </div>
    </main>
  );
}
