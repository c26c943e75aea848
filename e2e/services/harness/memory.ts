import { readFileSync, writeFileSync } from "node:fs";

/** KiB of memory that processes hold now, together. */
export function residentKib(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + readKib(pid, "VmRSS"), 0);
}

/** KiB that processes held at most since `forgetPeaks`, together. */
export function peakKib(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + readKib(pid, "VmHWM"), 0);
}

/** From here on, peaks are new ones. */
export function forgetPeaks(pids: readonly number[]): void {
  // proc(5): "5" resets the peak resident set size to what is held now.
  for (const pid of pids) writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

function readKib(pid: number, field: "VmRSS" | "VmHWM"): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? 0);
}
