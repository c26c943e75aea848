import { CulvertMark } from "#components/ui/icons.tsx";
import { ButtonLink } from "#components/ui/button.tsx";

export default function NotFoundPage() {
  return (
    <main className="grid min-h-screen place-items-center p-6 text-center">
      <div className="flex flex-col items-center gap-2">
        <CulvertMark size={36} />
        <h1 className="mt-3">There is nothing here</h1>
        <p className="max-w-[44ch] text-muted">
          The address is wrong, or what was here is gone: a removed tunnel or cluster, or a link
          that was used already.
        </p>
        <div className="mt-3">
          <ButtonLink href="/">Go to the overview</ButtonLink>
        </div>
      </div>
    </main>
  );
}
