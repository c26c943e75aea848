import { LabelledCounts } from "./labelled-counts.ts";

/** What the parts of one agent count while they work. Created once, read by whoever asks for metrics. */
export interface AgentCounters {
  readonly links: LinkCounters;
  readonly kubernetes: KubernetesCounters;
}

export interface LinkCounters {
  opened: number;
  readonly lost: LabelledCounts<"reason">;
  /** Dials and handshakes that did not end in a registered link. */
  readonly registrationErrors: LabelledCounts<"reason">;
  readonly inventoriesSent: LabelledCounts<"form">;
  inventoriesAcknowledged: number;
}

export interface KubernetesCounters {
  readonly requests: LabelledCounts<"verb" | "resource" | "status">;
  readonly watchEvents: LabelledCounts<"kind" | "event">;
  readonly feedbackWrites: LabelledCounts<"what" | "outcome">;
}

export function createAgentCounters(): AgentCounters {
  return {
    links: {
      opened: 0,
      lost: new LabelledCounts(),
      registrationErrors: new LabelledCounts(),
      inventoriesSent: new LabelledCounts([{ form: "full" }, { form: "change" }]),
      inventoriesAcknowledged: 0,
    },
    kubernetes: {
      requests: new LabelledCounts(),
      watchEvents: new LabelledCounts(),
      feedbackWrites: new LabelledCounts(),
    },
  };
}
