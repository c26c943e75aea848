import { ArrowRight, Lock } from "lucide-react";
import { Chip } from "#components/ui/chip.tsx";
import { Icon } from "#components/ui/icon.tsx";
import type { TunnelDto } from "#protocol/api/tunnels.ts";
import { MODES } from "./tunnel-words.ts";

interface ModeChipProps {
  readonly tunnel: Pick<TunnelDto, "routingMode">;
  /** For headers: "Forced through tunnel", "Direct wanted, tunnel in force". */
  readonly isLong?: boolean;
}

/** The mode in force, after the one that is wanted where they differ; the reason on hover. */
export function ModeChip({ tunnel, isLong = false }: ModeChipProps) {
  const { desired, effective, forced, reason } = tunnel.routingMode;
  if (forced) {
    return (
      <Chip tone="warning" icon={Lock} title={reason}>
        {isLong ? "Forced through tunnel" : "Forced"}
      </Chip>
    );
  }
  const { label, icon, tone } = MODES[effective];
  if (desired === effective) {
    return (
      <Chip tone={tone} icon={icon} title={reason}>
        {label}
      </Chip>
    );
  }
  const wanted = MODES[desired];
  return (
    <Chip tone="warning" icon={wanted.icon} title={reason}>
      {isLong ? (
        `${wanted.label} wanted, ${label.toLowerCase()} in force`
      ) : (
        <>
          {wanted.label}
          <span className="sr-only"> is wanted, in force is </span>
          <Icon icon={ArrowRight} size={12} />
          {label}
        </>
      )}
    </Chip>
  );
}
