/** A way from the load generator to the service that is measured beside the others. */
export interface BenchPath {
  readonly name: string;
  /** Starts everything between the two. @param servicePort where it leads to. */
  start(servicePort: number): Promise<RunningPath>;
}

export interface RunningPath {
  /** Where the load generator connects to. */
  readonly port: number;
  /** Processes whose memory counts. */
  readonly pids: readonly number[];
  stop(): Promise<void>;
}
