import { readFile } from "node:fs/promises";

/** Of a second of `/proc/<pid>/stat`; what Linux says to user space is always this. */
const TICKS_PER_SECOND = 100;

/** Resident memory of processes together, KiB. */
export async function residentKib(pids: readonly number[]): Promise<number> {
  const texts = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/status`, "utf8")));
  return texts.reduce((sum, text) => sum + Number(/VmRSS:\s+(\d+)/.exec(text)?.[1] ?? 0), 0);
}

/** Processor time that processes together have had so far, milliseconds. */
export async function processorMs(pids: readonly number[]): Promise<number> {
  const texts = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, "utf8")));
  const ticks = texts.reduce((sum, text) => {
    // Fields 14 and 15, counted from behind the name, which may hold anything.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return sum + Number(fields[11]) + Number(fields[12]);
  }, 0);
  return (ticks * 1_000) / TICKS_PER_SECOND;
}
