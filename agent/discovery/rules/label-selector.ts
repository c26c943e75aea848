import type { LabelSelector } from "./objects.ts";

type Labels = Readonly<Record<string, string>>;

/** Whether a Kubernetes label selector matches; an empty one matches everything. */
export function matchesSelector(selector: LabelSelector, labels: Labels): boolean {
  const hasAll = Object.entries(selector.matchLabels).every(
    ([key, value]) => labels[key] === value,
  );
  return hasAll && selector.matchExpressions.every((expression) => matches(expression, labels));
}

function matches(
  { key, operator, values }: LabelSelector["matchExpressions"][number],
  labels: Labels,
): boolean {
  const value = labels[key];
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
  }
}

/** Labels that put a Gateway into Culvert's care when the configuration names none. */
export const MANAGED_LABELS = ["culvert.dev/managed", "pipeops.io/managed"] as const;

/**
 * Whether a Gateway is ours: it bears one of the labels. `key` asks for the label, `key=value` for its value too.
 * The value "false" says no: whoever writes it means that.
 */
export function isManaged(labels: Labels, wanted: readonly string[]): boolean {
  return wanted.some((text) => {
    const [key = "", value] = text.split("=", 2);
    const label = labels[key];
    return label !== undefined && (value === undefined ? label !== "false" : label === value);
  });
}
