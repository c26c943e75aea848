"use client";

import { Check } from "lucide-react";
import { formatExact, formatMoment } from "#components/lib/format.ts";
import { useNow } from "#components/lib/use-now.ts";
import { Chip } from "#components/ui/chip.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { Icon } from "#components/ui/icon.tsx";
import { Table, TableBody, TableHead, TableRow, Td, Th } from "#components/ui/table.tsx";
import type { ExplainDto, TraceStep } from "#protocol/api/routing.ts";
import { RULES } from "./explain-words.ts";
import { MODES } from "./tunnel-words.ts";

interface RulesDialogProps {
  readonly explain: ExplainDto;
  readonly isOpen: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
}

const MINUTE_MS = 60_000;

/** The whole decision: every rule in its order, and which one decided. */
export function RulesDialog({ explain, isOpen, onOpenChange }: RulesDialogProps) {
  const now = useNow(MINUTE_MS);
  const winner = explain.trace.find(({ mode }) => mode !== null);
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title="Why this mode"
      description={`The first rule that asks for a mode decides. ${explain.reason}`}
      width="lg"
    >
      <div className="-mx-5 -mb-4">
        <Table caption="Rules of routing, in their order">
          <TableHead>
            <Th className="w-10">#</Th>
            <Th>Rule</Th>
            <Th>Asks for</Th>
            <Th>Set by</Th>
          </TableHead>
          <TableBody>
            {explain.trace.map((step, index) => (
              <TableRow key={step.rule} aria-current={step === winner || undefined}>
                <Td className="text-faint">{index + 1}</Td>
                <Td className={step === winner ? "font-medium" : "text-muted"}>
                  {RULES[step.rule].name}
                  {step === winner && (
                    <span className="ml-2 inline-flex items-center gap-1 align-bottom text-xs text-success">
                      <Icon icon={Check} size={14} />
                      decided
                    </span>
                  )}
                </Td>
                <Td>
                  {step.mode === null ? (
                    <span className="text-faint">nothing</span>
                  ) : (
                    <Asks step={step} />
                  )}
                </Td>
                <Td className="text-muted">
                  {step.setBy ?? "–"}
                  {step.setAt !== null && (
                    <span title={formatExact(step.setAt)}>, {formatMoment(step.setAt, now)}</span>
                  )}
                </Td>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </div>
    </Dialog>
  );
}

function Asks({ step }: { readonly step: TraceStep }) {
  if (step.mode === null) return null;
  const { label, icon, tone } = MODES[step.mode];
  return (
    <Chip tone={tone} icon={icon}>
      {label}
    </Chip>
  );
}
