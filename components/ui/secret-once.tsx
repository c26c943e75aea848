import { TriangleAlert } from "lucide-react";
import { CodeLine } from "./code-line.tsx";
import { Icon } from "./icon.tsx";

interface SecretOnceProps {
  readonly secret: string;
  /** "token", "key". */
  readonly what: string;
}

/** A secret on its only appearance. */
export function SecretOnce({ secret, what }: SecretOnceProps) {
  return (
    <div className="flex flex-col gap-3">
      <CodeLine text={secret} what={what} />
      <p className="flex gap-2 rounded-md bg-warning-soft px-3 py-2 text-sm text-warning">
        <span className="pt-0.5">
          <Icon icon={TriangleAlert} size={14} />
        </span>
        Copy it now: it is shown this once. Only a hash of it is kept.
      </p>
    </div>
  );
}
