import { cn } from "#components/lib/cn.ts";
import { CopyButton } from "./copy-button.tsx";

interface CodeLineProps {
  /** What is copied, and shown unless `display` is given. */
  readonly text: string;
  /** For the accessible name of the copy button: "command", "token". */
  readonly what: string;
  /** Long commands wrap; addresses stay on one line. */
  readonly isWrapped?: boolean;
}

/** A command or an address in mono, with a copy button. */
export function CodeLine({ text, what, isWrapped = true }: CodeLineProps) {
  return (
    <div className="flex items-start gap-2 rounded-md bg-raised py-1.5 pl-3 pr-1.5">
      <code
        className={cn(
          "min-w-0 flex-1 py-1 text-[0.78rem] leading-5 text-fg",
          isWrapped ? "whitespace-pre-wrap break-words [overflow-wrap:anywhere]" : "truncate",
        )}
      >
        {text}
      </code>
      <CopyButton text={text} what={what} />
    </div>
  );
}
