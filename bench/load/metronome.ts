import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

/** More often than this it would cost more than it tells. */
const TICK_MIN_MS = 0.2;

/**
 * Calls back at a fixed pace, late by some 0.1 ms.
 *
 * Node's own timers know whole milliseconds only, and waiting in a loop would take a whole processor from what is measured:
 * so a thread sleeps.
 *
 * @returns what stops it.
 */
export function startMetronome(everyMs: number, onTick: () => void): () => void {
  const thread = new Worker(new URL(import.meta.url), {
    workerData: Math.max(everyMs, TICK_MIN_MS),
  });
  thread.on("message", onTick);
  return () => void thread.terminate();
}

function tick(everyMs: number): never {
  const bed = new Int32Array(new SharedArrayBuffer(4));
  let dueMs = performance.now();
  for (;;) {
    const nowMs = performance.now();
    // What was slept through is not made up for.
    dueMs = Math.max(dueMs + everyMs, nowMs);
    if (dueMs > nowMs) Atomics.wait(bed, 0, 0, dueMs - nowMs);
    parentPort?.postMessage(null);
  }
}

if (!isMainThread) tick(workerData as number);
