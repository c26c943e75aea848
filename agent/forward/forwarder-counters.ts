import type { Pump, PumpEnd } from "#mux/stream/pump.ts";
import { DIAL_STATUSES, type DialStatus } from "#protocol/control/stream-header.ts";
import { DurationHistogram } from "../metrics/duration-histogram.ts";
import { LabelledCounts } from "../metrics/labelled-counts.ts";

/** From a quick query to a session of a day, seconds. */
const DURATION_BOUNDS_SECONDS = [0.05, 0.25, 1, 5, 30, 120, 600, 3_600, 21_600, 86_400] as const;

/** Why a carried connection ended, each of which is counted from 0. */
const PUMP_ENDS = [
  "completed",
  "socket_reset",
  "stream_reset",
  "session_closed",
  "closed_locally",
] as const satisfies readonly PumpEnd[];

const FAILURES = (Object.keys(DIAL_STATUSES) as DialStatus[]).filter((status) => status !== "ok");

/** A connection may end while it is being handed over: both may come in either order, each once. */
export interface CarriedConnection {
  attach(pump: Pump): void;
  end(reason: PumpEnd): void;
}

/** What a forwarder did. Bytes are read from the pumps when somebody asks, so that counting costs the data path nothing. */
export class ForwarderCounters {
  /** Connections being dialled or carried now. */
  open = 0;
  total = 0;
  failed = 0;
  readonly failedBy = new LabelledCounts(FAILURES.map((reason) => ({ reason })));
  readonly closedBy = new LabelledCounts(PUMP_ENDS.map((reason) => ({ reason })));
  readonly durations = new DurationHistogram(DURATION_BOUNDS_SECONDS);
  readonly #live = new Set<Pump>();
  #closedIn = 0;
  #closedOut = 0;

  fail(reason: DialStatus): void {
    this.failed += 1;
    this.failedBy.add({ reason });
  }

  /** Follows one connection that `open` counts already, from the moment that it is handed to a pump. */
  carry(): CarriedConnection {
    const since = performance.now();
    let pump: Pump | null = null;
    let end: PumpEnd | null = null;
    const settle = (): void => {
      if (pump !== null && end !== null) {
        this.#finish(pump, end, (performance.now() - since) / 1_000);
      }
    };
    return {
      attach: (started) => {
        pump = started;
        this.#live.add(started);
        settle();
      },
      end: (reason) => {
        end = reason;
        settle();
      },
    };
  }

  #finish(pump: Pump, reason: PumpEnd, seconds: number): void {
    this.open -= 1;
    this.closedBy.add({ reason });
    this.durations.observe(seconds);
    this.#live.delete(pump);
    // The pump's socket is the service: what goes out there came in from the client.
    this.#closedIn += pump.counters.bytesOut;
    this.#closedOut += pump.counters.bytesIn;
  }

  /** Bytes since the start; `in` is client to service. */
  readBytes(): { readonly in: number; readonly out: number } {
    let bytesIn = this.#closedIn;
    let bytesOut = this.#closedOut;
    for (const { counters } of this.#live) {
      bytesIn += counters.bytesOut;
      bytesOut += counters.bytesIn;
    }
    return { in: bytesIn, out: bytesOut };
  }
}
