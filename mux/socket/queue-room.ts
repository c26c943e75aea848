/**
 * What many queues may hold together, bytes. Each has a bound of its own as well; this one keeps ten thousand of them from
 * filling the memory at once.
 */
export class QueueRoom {
  #freeBytes: number;

  constructor(bytes: number) {
    this.#freeBytes = bytes;
  }

  get freeBytes(): number {
    return this.#freeBytes;
  }

  /** @returns whether there was room; then it is taken until `give`. */
  take(bytes: number): boolean {
    if (bytes > this.#freeBytes) return false;
    this.#freeBytes -= bytes;
    return true;
  }

  give(bytes: number): void {
    this.#freeBytes += bytes;
  }
}
