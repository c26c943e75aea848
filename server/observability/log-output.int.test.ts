import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";

const TALKER = fileURLToPath(new URL("testing/talker.ts", import.meta.url));

async function startTalker() {
  const child = spawn(process.execPath, [TALKER], { stdio: ["ignore", "pipe", "inherit", "ipc"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const parts: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => parts.push(chunk));
  await once(child, "message");
  return { child, text: () => Buffer.concat(parts).toString() };
}

describe("log lines to standard output", () => {
  it("are all written before the process ends", async () => {
    const { child, text } = await startTalker();
    child.send("talk");
    const [code] = (await once(child, "close")) as [number];
    expect(code).toBe(0);
    expect(text().trim().split("\n")).toHaveLength(10);
  });

  it("hold nobody up when their reader is gone: the process ends", async () => {
    const { child } = await startTalker();
    child.stdout?.destroy();
    child.send("talk");
    const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
    expect({ code, signal }).toEqual({ code: 0, signal: null });
  });
});
