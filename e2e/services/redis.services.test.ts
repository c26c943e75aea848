import { spawn } from "node:child_process";
import { once } from "node:events";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../harness/process.ts";
import { hasProgram, runTool } from "./harness/external.ts";
import { residentBytes } from "./harness/memory.ts";
import { RedisConnection, type Redis, startRedis } from "./harness/redis.ts";
import { PortLab } from "./harness/port-lab.ts";

const COMMANDS = 10_000;
const MIB = 1024 * 1024;
/** What Redis allows by itself (`proto-max-bulk-len`). */
const VALUE_BYTES = 512 * MIB;
/** Relay and agent together may grow by this while a value passes: windows, and what the collector leaves for later. */
const GROWTH_MAX_BYTES = 96 * MIB;

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

  const cli = (...args: string[]) =>
    runTool("redis-cli", ["-p", String(lab.port("redis")), ...args]);

  it("tells every subscriber what is published", async () => {
    const subscribers = Array.from({ length: 5 }, () =>
      spawn("redis-cli", ["-p", String(lab.port("redis")), "SUBSCRIBE", "news"]),
    );
    const heard = subscribers.map((child) => {
      let text = "";
      child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
      return () => text;
    });
    await eventually("all have subscribed", async () => {
      const { out } = await cli("PUBSUB", "NUMSUB", "news");
      return out.toString().includes("\n5\n") ? true : undefined;
    });
    await cli("PUBLISH", "news", "it works");
    await eventually("all have heard", () =>
      Promise.resolve(heard.every((text) => text().includes("it works")) ? true : undefined),
    );
    for (const child of subscribers) {
      child.kill();
      await once(child, "close");
    }
  });

  it(`takes a pipeline of ${COMMANDS} commands`, async () => {
    const commands = Array.from({ length: COMMANDS }, (_, n) => `SET key:${n} ${n}\r\n`);
    const args = ["-p", String(lab.port("redis")), "--pipe"];
    const { code, out } = await runTool("redis-cli", args, Readable.from(commands));
    expect(code).toBe(0);
    expect(out.toString()).toContain(`errors: 0, replies: ${COMMANDS}`);
    expect((await cli("GET", `key:${COMMANDS - 1}`)).out.toString().trim()).toBe(
      String(COMMANDS - 1),
    );
  });

  it("takes a value of 512 MiB at flat memory, and refuses one byte more as Redis does", async () => {
    const pids = [lab.relayPid(), lab.agentPid()];
    const memory = (): number => pids.reduce((sum, pid) => sum + residentBytes(pid), 0);
    const before = memory();
    let highest = before;
    const connection = await RedisConnection.open(lab.port("redis"));
    await connection.write(`*3\r\n$3\r\nSET\r\n$3\r\nbig\r\n$${VALUE_BYTES}\r\n`);
    const chunk = Buffer.alloc(MIB, "x");
    for (let sent = 0; sent < VALUE_BYTES; sent += MIB) {
      await connection.write(chunk);
      highest = Math.max(highest, memory());
    }
    await connection.write("\r\n");
    expect(await connection.line()).toBe("+OK");
    expect((await cli("STRLEN", "big")).out.toString().trim()).toBe(String(VALUE_BYTES));
    expect(highest - before).toBeLessThan(GROWTH_MAX_BYTES);
    await connection.write(`*3\r\n$3\r\nSET\r\n$4\r\nmore\r\n$${VALUE_BYTES + 1}\r\n`);
    expect(await connection.line()).toBe("-ERR Protocol error: invalid bulk length");
    expect(await connection.line()).toBeNull();
    await cli("DEL", "big");
  });
});
