/** What the agent may write into its cluster, each by itself. */
export const FEEDBACK_KINDS = ["annotations", "status", "events"] as const;
export type FeedbackKind = (typeof FEEDBACK_KINDS)[number];
