/** Ports of the service, on loopback. */
export interface BenchService {
  readonly port: number;
  readonly udpPort: number;
}

/** A way from the load generator to the service that is measured beside the others. */
export interface BenchPath {
  readonly name: string;
  /** Starts everything between the two. @param service where it leads to. */
  start(service: BenchService): Promise<RunningPath>;
}

export interface RunningPath {
  /** Where the load generator connects to. */
  readonly port: number;
  /** The same for UDP; null where it is not carried. */
  readonly udpPort: number | null;
  /** Processes whose memory counts. */
  readonly pids: readonly number[];
  stop(): Promise<void>;
}
