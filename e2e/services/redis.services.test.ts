import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectedHash } from "../harness/byte-source.ts";
import { startProgram } from "../harness/process.ts";
import { hasProgram, runTool } from "./harness/external.ts";
import { PortLab } from "./harness/port-lab.ts";
import { forgetPeaks, peakKib, residentKib } from "./harness/memory.ts";
import { type Redis, startRedis } from "./harness/redis.ts";
import { announceBulk, getBulk, setBulk } from "./harness/redis-bulk.ts";

const SUBSCRIBERS = 5;
const MESSAGES = 1_000;
const PIPELINED = 10_000;
/** What Redis takes at most unless it is told otherwise: proto-max-bulk-len. */
const VALUE_BYTES_MAX = 512 * 1024 * 1024;
/** Relay and agent together, while 512 MiB pass each way: windows, and what is left for the garbage collector; 126 MiB seen. */
const GROWTH_KIB_MAX = 256 * 1024;

const hasRedis = ["redis-server", "redis-cli"].every(hasProgram);

describe.skipIf(!hasRedis)("Redis behind the relay (redis-server needed)", () => {
  let redis: Redis;
  let lab: PortLab;

  beforeAll(async () => {
    redis = await startRedis();
    lab = await PortLab.start([{ name: "redis", protocol: "TCP", port: 6379, target: redis.port }]);
  });

  afterAll(async () => {
    await lab.stop();
    await redis.stop();
  });

  /** What redis-cli prints through the relay. */
  async function ask(args: readonly string[], input = ""): Promise<string> {
    const { code, out, err } = await runTool(
      "redis-cli",
      ["-p", String(lab.port("redis")), ...args],
      input,
    );
    if (code !== 0) throw new Error(err);
    return out.toString().trim();
  }

  it("tells every subscriber every message, in order", async () => {
    const subscribers = Array.from({ length: SUBSCRIBERS }, () =>
      startProgram({
        program: "redis-cli",
        args: ["-p", `${lab.port("redis")}`, "SUBSCRIBE", "news"],
        isInputLeftOpen: true,
      }),
    );
    await Promise.all(subscribers.map((program) => program.waitForOutput(/subscribe\nnews\n1\n/)));
    const messages = Array.from({ length: MESSAGES }, (_, n) => `message-${n}`);
    const receivers = await ask([], messages.map((text) => `PUBLISH news ${text}\n`).join(""));
    expect(receivers.split("\n")).toEqual(messages.map(() => `${SUBSCRIBERS}`));
    for (const program of subscribers) {
      await program.waitForOutput(new RegExp(`message-${MESSAGES - 1}\\n`));
      expect(program.output().match(/message-\d+/g)).toEqual(messages);
      await program.stop();
    }
  });

  it("answers a pipeline of 10,000 commands", async () => {
    const commands = Array.from({ length: PIPELINED }, (_, n) => `SET key-${n} value-${n}\r\n`);
    const printed = await ask(["--pipe"], commands.join(""));
    expect(printed).toContain(`errors: 0, replies: ${PIPELINED}`);
    expect(await ask(["GET", `key-${PIPELINED - 1}`])).toBe(`value-${PIPELINED - 1}`);
  });

  it("takes a value of 512 MiB and gives the same bytes back, in little memory of relay and agent", async () => {
    const pids = [lab.relayPid(), lab.agentPid()];
    const before = residentKib(pids);
    forgetPeaks(pids);
    expect(await setBulk(lab.port("redis"), "big", VALUE_BYTES_MAX)).toBe("+OK");
    expect(await ask(["STRLEN", "big"])).toBe(String(VALUE_BYTES_MAX));
    expect(await getBulk(lab.port("redis"), "big")).toEqual({
      bytes: VALUE_BYTES_MAX,
      hash: expectedHash(512),
    });
    const growth = peakKib(pids) - before;
    process.stdout.write(
      `memory more while 512 MiB went in and out, relay and agent: ${(growth / 1024).toFixed(1)} MiB\n`,
    );
    expect(growth).toBeLessThan(GROWTH_KIB_MAX);
    expect(await ask(["DEL", "big"])).toBe("1");
  });

  it("passes on that a value of one byte more is refused", async () => {
    const refusal = await announceBulk(lab.port("redis"), "big", VALUE_BYTES_MAX + 1);
    expect(refusal).toBe("-ERR Protocol error: invalid bulk length");
    expect(await ask(["EXISTS", "big"])).toBe("0");
  });
});
