import { checkContent } from "./check-content.ts";
import { measureDatagrams } from "./datagrams.ts";
import { measureGoodput } from "./goodput.ts";
import { holdConnections } from "./hold.ts";
import { measureHttpMaximum, measureHttpRate } from "./http-rate.ts";
import type { Job } from "./job.ts";
import { measureNewConnections } from "./new-connections.ts";
import { measureRoundTrip } from "./round-trip.ts";
import { holdWebSockets, measureWebSocket, measureWebSocketCrowd } from "./web-sockets.ts";

/** The load generator: does one job, prints its result as one line of JSON, ends. */
async function run(job: Job): Promise<unknown> {
  switch (job.kind) {
    case "goodput":
      return measureGoodput(job);
    case "round-trip":
      return measureRoundTrip(job);
    case "new-connections":
      return measureNewConnections(job);
    case "check":
      return checkContent(job);
    case "datagrams":
      return measureDatagrams(job);
    case "hold":
      return holdConnections(job);
    case "http-maximum":
      return measureHttpMaximum(job);
    case "http-rate":
      return measureHttpRate(job);
    case "web-socket":
      return measureWebSocket(job);
    case "web-socket-crowd":
      return measureWebSocketCrowd(job);
    case "hold-web-sockets":
      return holdWebSockets(job);
  }
}

const result = await run(JSON.parse(process.argv[2] ?? "{}") as Job);
console.log(JSON.stringify(result));
// A load that is held lives until it is stopped.
if (!("isHeld" in (result as object))) process.exit(0);
