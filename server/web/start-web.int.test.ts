import { existsSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startTestWeb } from "./testing/start-test-web.ts";

/** The supervisor kills a web process that takes longer than ten seconds. */
const IN_TIME_MS = 8_000;

describe("a web process that is told to stop", () => {
  it("ends although somebody listens to events, and leaves its sockets' names at once", async () => {
    const web = await startTestWeb();
    const sockets = ["web.sock", "control.sock"].map((name) => join(web.runDir, name));
    const key = await web.createKey("viewer");
    const listening = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    const stream = request(
      {
        socketPath: sockets[0],
        path: "/api/v1/events",
        agent: false,
        headers: { authorization: `Bearer ${key}` },
      },
      (response) => {
        response.once("data", () => listening.resolve());
        response.on("error", () => undefined);
        response.on("close", () => ended.resolve());
      },
    );
    stream.on("error", listening.reject);
    stream.end();
    await listening.promise;
    expect(sockets.map((path) => existsSync(path))).toEqual([true, true]);

    const startedAt = performance.now();
    const closed = web.close();
    expect(sockets.map((path) => existsSync(path))).toEqual([false, false]);
    await Promise.all([closed, ended.promise]);
    expect(performance.now() - startedAt).toBeLessThan(IN_TIME_MS);
  });
});
