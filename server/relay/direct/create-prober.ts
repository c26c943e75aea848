import type { Clock } from "#server/lib/clock.ts";
import { DialRules } from "./dial-rules.ts";
import { DialSlots } from "./dial-slots.ts";
import { DirectProber } from "./direct-prober.ts";
import { NameBook, type LookUp } from "./name-book.ts";
import { probeAddress } from "./probe.ts";

/** Targets that are dialled at a time, a name with all its addresses; enough to see a thousand of them go within ten seconds. A choice. */
const PROBES_MAX = 512;

/** What this installation says about direct addresses. */
export interface DirectSettings {
  /** The operator's own ranges, which count as public. */
  readonly directCidrs: readonly string[];
  /** Hosts under which clients and people reach us. */
  readonly ownHosts: readonly string[];
  /** True for a port that this server listens on, or may come to listen on. */
  readonly isOwnPort: (port: number) => boolean;
  readonly lookUp: LookUp;
}

export interface CreateProberOptions extends DirectSettings {
  readonly clock: Clock;
  readonly random: () => number;
  readonly onTurn: (tunnelId: string) => void;
}

/** A prober with everything it needs, watching nothing yet. */
export function createProber(options: CreateProberOptions): DirectProber {
  const { clock, random, onTurn, lookUp } = options;
  const nowMs = (): number => clock.monotonicMs();
  return new DirectProber({
    names: new NameBook({ lookUp, nowMs }),
    // A book of its own: the prober's forgets whatever no tunnel names.
    rules: new DialRules({ ...options, names: new NameBook({ lookUp, nowMs }), nowMs }),
    slots: new DialSlots(PROBES_MAX),
    probe: probeAddress,
    clock,
    random,
    onTurn,
  });
}
