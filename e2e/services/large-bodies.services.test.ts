import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { blocksOf } from "../harness/byte-source.ts";
import { curlArgs } from "./harness/curl.ts";
import { hasProgram, runTool } from "./harness/external.ts";
import { HttpLab, type Site } from "./harness/http-lab.ts";
import { startHttpService, type HttpBackend } from "./harness/http-service.ts";
import { forgetPeaks, peakKib, residentKib } from "./harness/memory.ts";

/** Each of the four bodies; docs/testing.md tells when to ask for more. */
const GIB = Number(process.env["CULVERT_TEST_BODY_GIB"] ?? "1");
const BODY_BYTES = GIB * 1024 ** 3;
const WARM_UP_BYTES = 256 * 1024 ** 2;
/** By which relay or agent may grow while a body passes, however long it is; V8's heap alone breathes by tens of MiB. */
const GROWTH_KIB_MAX = 128 * 1024;
const DEADLINE_MS = GIB * 90_000;

const hasCurl = hasProgram("curl");
let service: HttpBackend;
let lab: HttpLab;
let site: Site;
let folder: string;

/** Sends or drops as many bytes as it is asked for, and never holds more than a block. */
function serve(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? "/", "http://service");
  if (request.method === "GET") {
    const bytes = Number(url.searchParams.get("bytes"));
    if (url.pathname === "/sized") response.setHeader("Content-Length", bytes);
    Readable.from(blocksOf(bytes)).pipe(response);
    return;
  }
  let received = 0;
  request.on("data", (chunk: Buffer) => (received += chunk.byteLength));
  request.on("end", () => response.end(String(received)));
}

/** @returns what curl printed. */
async function curl(path: string, ...args: string[]): Promise<string> {
  const all = curlArgs(site, path, ["--fail", ...args]);
  const { code, out, err } = await runTool("curl", all);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return out.toString();
}

async function download(path: string, bytes: number): Promise<number> {
  const query = `bytes=${bytes}`;
  return Number(await curl(`${path}?${query}`, "-o", "/dev/null", "-w", "%{size_download}"));
}

/** curl takes a length from a file alone; one that is nothing but a hole takes no room. */
async function upload(bytes: number, ...args: string[]): Promise<number> {
  const file = join(folder, "body");
  await writeFile(file, "");
  await truncate(file, bytes);
  return Number(await curl("/take", "-X", "POST", "-T", file, ...args));
}

interface Memory {
  /** KiB held at most while the body passed. */
  readonly peak: number;
  /** KiB of those that were not held before. */
  readonly growth: number;
}

/** What relay and agent held at most while `work` ran. */
async function memoryDuring(work: () => Promise<void>): Promise<readonly Memory[]> {
  const pids = [lab.relayPid(), lab.agentPid()];
  const before = pids.map((pid) => residentKib([pid]));
  forgetPeaks(pids);
  await work();
  return pids.map((pid, n) => {
    const peak = peakKib([pid]);
    return { peak, growth: peak - (before[n] ?? 0) };
  });
}

const describeMemory = ({ peak, growth }: Memory): string =>
  `${Math.round(peak / 1024)} MiB (${Math.round(growth / 1024)} more than before)`;

describe.skipIf(!hasCurl)(`bodies of ${GIB} GiB (skipped where curl is not installed)`, () => {
  beforeAll(async () => {
    service = await startHttpService(serve);
    service.server.requestTimeout = 0;
    folder = await mkdtemp(join(tmpdir(), "culvert-bodies-"));
    lab = await HttpLab.start({ services: [{ name: "bodies", port: service.port }] });
    site = lab.site("bodies");
    await download("/chunked", WARM_UP_BYTES);
    await upload(WARM_UP_BYTES);
  });

  afterAll(async () => {
    await lab?.stop();
    await service?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it.each([
    ["download with a length", () => download("/sized", BODY_BYTES)],
    ["download in chunks", () => download("/chunked", BODY_BYTES)],
    ["upload with a length", () => upload(BODY_BYTES)],
    ["upload in chunks", () => upload(BODY_BYTES, "-H", "Transfer-Encoding: chunked")],
  ])(
    "%s, and neither relay nor agent grows with them",
    async (name, move) => {
      let moved = 0;
      const startedAt = performance.now();
      const memories = await memoryDuring(async () => {
        moved = await move();
      });
      const seconds = (performance.now() - startedAt) / 1000;
      const [relay, agent] = memories.map(describeMemory);
      process.stdout.write(
        `${name}, ${GIB} GiB in ${seconds.toFixed(1)} s: relay ${relay}, agent ${agent}\n`,
      );
      expect(moved).toBe(BODY_BYTES);
      for (const { growth } of memories) expect(growth).toBeLessThan(GROWTH_KIB_MAX);
    },
    DEADLINE_MS,
  );
});
