import { Network } from "lucide-react";
import { Card, CardHeader } from "#components/ui/card.tsx";
import { Chip } from "#components/ui/chip.tsx";
import { Icon } from "#components/ui/icon.tsx";
import type { GatewayDto } from "#protocol/api/clusters.ts";
import { ListenerBranch } from "./listener-branch.tsx";
import { ProblemList, type Problem } from "./problem-list.tsx";

interface GatewayCardProps {
  readonly gateway: GatewayDto;
  /** Those of the Gateway itself. */
  readonly problems: readonly Problem[];
}

/** A Gateway as a tree: its listeners, their routes, and the backends behind those. */
export function GatewayCard({ gateway, problems }: GatewayCardProps) {
  const { listeners } = gateway;
  const published = listeners.filter(({ problem }) => problem === null).length;
  return (
    <Card>
      <CardHeader
        title={
          <span className="inline-flex items-center gap-2">
            <Icon icon={Network} />
            <span className="mono [overflow-wrap:anywhere]">
              {gateway.namespace}/{gateway.name}
            </span>
          </span>
        }
        actions={
          gateway.addresses.length > 0 && (
            <span className="mono text-muted [overflow-wrap:anywhere]">
              {gateway.addresses.join(", ")}
            </span>
          )
        }
      >
        <Chip tone={published === listeners.length ? "neutral" : "warning"}>
          {published} of {listeners.length} published
        </Chip>
      </CardHeader>
      {problems.length > 0 && (
        <div className="border-b border-line">
          <ProblemList problems={problems} hasPlaces={false} />
        </div>
      )}
      <ul>
        {listeners.map((listener) => (
          <ListenerBranch
            key={`${listener.name}-${listener.protocol}-${listener.port}`}
            listener={listener}
          />
        ))}
      </ul>
    </Card>
  );
}
