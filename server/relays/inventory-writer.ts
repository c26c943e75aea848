import type { ReportedInventory } from "./fact-store.ts";

/**
 * How often an agent's inventory is written, milliseconds. Memory has the newest; what is written serves after a
 * restart, and while the agent is away. A large one is written whole, so a busy cluster must not do that all the time.
 */
export const WRITE_INTERVAL_MS = 5_000;

export interface InventoryWriterOptions {
  /** @returns false when it is not newer than what is stored, or its agent is unknown. */
  readonly store: (report: ReportedInventory) => Promise<boolean>;
  readonly onError: (error: unknown) => void;
}

interface Resting {
  readonly instanceId: string;
  generation: number;
  readonly timer: NodeJS.Timeout;
  unwritten: ReportedInventory | null;
}

/** Has inventories stored: the first of a burst at once, the last one when the agent may be written again. */
export class InventoryWriter {
  readonly #options: InventoryWriterOptions;
  readonly #resting = new Map<string, Resting>();
  #isClosed = false;

  constructor(options: InventoryWriterOptions) {
    this.#options = options;
  }

  /** @returns false when nothing about it is new: several relays report the same. */
  async note(report: ReportedInventory): Promise<boolean> {
    const { agentId, instanceId, inventory } = report;
    const resting = this.#resting.get(agentId);
    if (resting?.instanceId === instanceId) {
      if (inventory.generation <= resting.generation) return false;
      resting.generation = inventory.generation;
      resting.unwritten = report;
      return true;
    }
    if (!(await this.#options.store(report))) return false;
    this.#rest(report);
    return true;
  }

  /** The agent is gone: writes what is left of it. */
  async flush(agentId: string): Promise<void> {
    const resting = this.#resting.get(agentId);
    this.#resting.delete(agentId);
    clearTimeout(resting?.timer);
    if (resting?.unwritten != null) await this.#options.store(resting.unwritten);
  }

  /** Writes everything that is left. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const agentId of [...this.#resting.keys()]) {
      await this.flush(agentId).catch(this.#options.onError);
    }
  }

  #rest(report: ReportedInventory): Resting | null {
    const { agentId, instanceId, inventory } = report;
    clearTimeout(this.#resting.get(agentId)?.timer);
    if (this.#isClosed) return null;
    const timer = setTimeout(() => void this.#wake(agentId), WRITE_INTERVAL_MS);
    const resting = { instanceId, generation: inventory.generation, timer, unwritten: null };
    this.#resting.set(agentId, resting);
    return resting;
  }

  async #wake(agentId: string): Promise<void> {
    const report = this.#resting.get(agentId)?.unwritten ?? null;
    this.#resting.delete(agentId);
    if (report === null) return;
    const resting = this.#rest(report);
    try {
      await this.#options.store(report);
    } catch (error) {
      this.#options.onError(error);
      // Once more with the next one, or at the end.
      if (resting !== null) resting.unwritten ??= report;
    }
  }
}
