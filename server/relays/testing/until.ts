const DEADLINE_MS = 5_000;
const POLL_MS = 10;

/** Waits until a state that nobody announces is reached; fails loudly when it is not in time. */
export async function until<T>(
  what: string,
  look: () => Promise<T | null | undefined | false> | T | null | undefined | false,
): Promise<T> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`${what}: not in time`);
    await new Promise((wake) => setTimeout(wake, POLL_MS));
  }
}
