import { z } from "zod";

/** What a child process tells its supervisor over IPC. Anything else is ignored. */
export const ChildMessage = z.discriminatedUnion("type", [
  /** It does its work now. */
  z.object({ type: z.literal("ready"), port: z.number().int().optional() }),
  /** A line for the person who started the server. */
  z.object({ type: z.literal("notice"), text: z.string().max(4_096) }),
]);
export type ChildMessage = z.infer<typeof ChildMessage>;

/** Exit code of a child that no restart would help; its last line on standard error says why. */
export const FATAL_EXIT_CODE = 78;
