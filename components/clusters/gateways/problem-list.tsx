import { TriangleAlert } from "lucide-react";
import { Icon } from "#components/ui/icon.tsx";
import type { GatewayListDto } from "#protocol/api/clusters.ts";
import { Reason } from "./reason.tsx";

export type Problem = GatewayListDto["problems"][number];

interface ProblemListProps {
  readonly problems: readonly Problem[];
  /** False where the place is the heading above them. */
  readonly hasPlaces: boolean;
}

/** What an agent could not read or accept. */
export function ProblemList({ problems, hasPlaces }: ProblemListProps) {
  return (
    <ul>
      {problems.map((problem) => (
        <li
          key={`${problem.agentId}-${problem.where}-${problem.reason}`}
          className="flex gap-3 border-b border-line px-4 py-3 last:border-0"
        >
          <span className="pt-0.5 text-warning">
            <Icon icon={TriangleAlert} />
          </span>
          <div className="min-w-0">
            {hasPlaces && <p className="mono [overflow-wrap:anywhere]">{problem.where}</p>}
            <p className="text-sm text-muted">
              <Reason code={problem.code} text={problem.reason} />
            </p>
          </div>
        </li>
      ))}
    </ul>
  );
}
