import Link from "next/link";
import { usePathname } from "next/navigation";
import type { AuditEventDto } from "#protocol/api/audit.ts";
import { objectHref } from "./audit-details.ts";
import { auditSentence } from "./sentences.ts";

/** An event as a sentence, its object linked unless one is on its page. */
export function AuditSentence({ event }: { readonly event: AuditEventDto }) {
  const pathname = usePathname();
  const isRemoved = event.action.endsWith(".delete") || event.action.endsWith(".removed");
  const target = isRemoved ? null : objectHref(event);
  const href = target === pathname ? null : target;
  return (
    <>
      {auditSentence(event).map((part, index) => {
        const key = `${part.kind}-${index}`;
        if (part.kind === "text") return <span key={key}>{part.text}</span>;
        if (part.kind === "object" && href !== null) {
          return (
            <Link
              key={key}
              href={href}
              className="rounded-sm font-medium underline-offset-[3px] hover:underline"
            >
              {part.text}
            </Link>
          );
        }
        return (
          <span key={key} className="font-medium">
            {part.text}
          </span>
        );
      })}
    </>
  );
}
