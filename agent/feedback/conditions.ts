import type { Condition } from "./live-objects.ts";

/** A condition as it should be; when it became so is decided by what stands there. */
export interface WantedCondition {
  readonly type: string;
  readonly isTrue: boolean;
  readonly reason: string;
  readonly message: string;
}

export interface ConditionContext {
  readonly generation: number;
  readonly now: Date;
}

/**
 * Conditions to write. The time of a condition whose status stays is kept, so that several agents of one cluster write
 * the same.
 */
export function toConditions(
  wanted: readonly WantedCondition[],
  present: readonly Condition[],
  { generation, now }: ConditionContext,
): Condition[] {
  return wanted.map(({ type, isTrue, reason, message }) => {
    const status = isTrue ? "True" : "False";
    const before = present.find((condition) => condition.type === type);
    const lastTransitionTime =
      before?.status === status
        ? before.lastTransitionTime
        : now.toISOString().replace(/\.\d+Z$/, "Z");
    return { type, status, reason, message, observedGeneration: generation, lastTransitionTime };
  });
}

/** True when every wanted condition stands there already. Others', and times, do not matter. */
export function hasConditions(
  present: readonly Condition[],
  wanted: readonly Condition[],
): boolean {
  return wanted.every((condition) => {
    const found = present.find(({ type }) => type === condition.type);
    return (
      found !== undefined &&
      found.status === condition.status &&
      found.reason === condition.reason &&
      found.message === condition.message &&
      found.observedGeneration === condition.observedGeneration
    );
  });
}
