import { watch, type FSWatcher } from "node:fs";
import type { DiscoverySnapshot, DiscoverySource } from "../discovery.ts";
import { buildSnapshot, type RulesOptions } from "../rules/build-snapshot.ts";
import { ManifestFolder } from "./manifest-folder.ts";

/** Changes of a folder come in bursts; a file written in steps is read once it rests. */
const SETTLE_MS = 150;
/** Under a constant stream of changes something is still read this often. */
const SETTLE_MAX_MS = 2_000;
/** A folder is read in milliseconds; even a network file system has answered or failed by then. */
const SCAN_STUCK_MS = 120_000;

export interface FilesSourceOptions {
  readonly folder: string;
  readonly rules: RulesOptions;
  /** Events get lost on network file systems and over bind mounts: look anyway, this often. */
  readonly rescanIntervalMs: number;
  readonly onError: (error: unknown) => void;
}

/** Discovery from a folder of manifests, watched for changes. */
export class FilesSource implements DiscoverySource {
  readonly kind = "files";
  readonly #options: FilesSourceOptions;
  readonly #folder: ManifestFolder;
  #onSnapshot: ((snapshot: DiscoverySnapshot) => void) | null = null;
  #watcher: FSWatcher | null = null;
  #timer: NodeJS.Timeout | undefined;
  #firstEventAt: number | null = null;
  #scanning: Promise<void> | null = null;
  #scanStartedAt = 0;
  #isClosed = false;

  constructor(options: FilesSourceOptions) {
    this.#options = options;
    this.#folder = new ManifestFolder(options.folder);
  }

  async start(onSnapshot: (snapshot: DiscoverySnapshot) => void): Promise<void> {
    this.#onSnapshot = onSnapshot;
    this.#watch();
    await this.#scan();
  }

  findStuck(): string | null {
    const isStuck =
      this.#scanning !== null && performance.now() - this.#scanStartedAt > SCAN_STUCK_MS;
    return isStuck ? "Reading the folder of manifests does not end." : null;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#watcher?.close();
    this.#watcher = null;
    await this.#scanning;
  }

  /** Watching is a convenience: without it the rescan finds changes a few seconds later. */
  #watch(): void {
    if (this.#watcher !== null || this.#isClosed) return;
    try {
      const watcher = watch(this.#options.folder, { persistent: false }, () => this.#onEvent());
      watcher.on("error", () => {
        watcher.close();
        this.#watcher = null;
      });
      this.#watcher = watcher;
    } catch {
      // The folder does not exist yet, or the system is out of watches; tried again at each rescan.
    }
  }

  #onEvent(): void {
    const now = performance.now();
    this.#firstEventAt ??= now;
    const waited = now - this.#firstEventAt;
    this.#arm(Math.min(SETTLE_MS, Math.max(0, SETTLE_MAX_MS - waited)));
  }

  #arm(delayMs: number): void {
    clearTimeout(this.#timer);
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => {
      void this.#scan();
    }, delayMs);
  }

  async #scan(): Promise<void> {
    this.#firstEventAt = null;
    // An event during a scan arms the timer; scans themselves never overlap.
    if (this.#scanning !== null) return this.#scanning;
    this.#scanStartedAt = performance.now();
    this.#scanning = this.#scanOnce().finally(() => {
      this.#scanning = null;
    });
    return this.#scanning;
  }

  async #scanOnce(): Promise<void> {
    let delayMs = this.#options.rescanIntervalMs;
    try {
      const scan = await this.#folder.scan();
      if (this.#isClosed) return;
      if (scan !== null) {
        const snapshot = buildSnapshot(scan.objects, this.#options.rules);
        const problems = [...scan.problems, ...snapshot.problems];
        this.#onSnapshot?.({ ...snapshot, problems });
        // A watch of a folder that was replaced looks at the old one.
        if (scan.problems[0]?.where === this.#options.folder) this.#unwatch();
        if (scan.isUnsettled) delayMs = Math.min(delayMs, 1_000);
      }
    } catch (error) {
      this.#options.onError(error);
    }
    this.#watch();
    if (this.#firstEventAt === null) this.#arm(delayMs);
  }

  #unwatch(): void {
    this.#watcher?.close();
    this.#watcher = null;
  }
}
