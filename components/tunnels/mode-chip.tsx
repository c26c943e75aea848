import { Lock } from "lucide-react";
import { Chip } from "#components/ui/chip.tsx";
import type { TunnelDto } from "#protocol/api/tunnels.ts";
import { MODES } from "./tunnel-words.ts";

interface ModeChipProps {
  readonly tunnel: Pick<TunnelDto, "routingMode">;
  /** For headers: "Forced through tunnel". */
  readonly isLong?: boolean;
}

/** The mode in force; the reason on hover. */
export function ModeChip({ tunnel, isLong = false }: ModeChipProps) {
  const { effective, forced, reason } = tunnel.routingMode;
  if (forced) {
    return (
      <Chip tone="warning" icon={Lock} title={reason}>
        {isLong ? "Forced through tunnel" : "Forced"}
      </Chip>
    );
  }
  const { label, icon, tone } = MODES[effective];
  return (
    <Chip tone={tone} icon={icon} title={reason}>
      {label}
    </Chip>
  );
}
