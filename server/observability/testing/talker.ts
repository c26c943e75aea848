// A program for tests: logs ten lines when it is told to, and ends at once.
import { createLogger } from "../logger.ts";

const log = createLogger({ level: "info", name: "talker" });
process.on("message", () => {
  for (let n = 0; n < 10; n += 1) log.info({ n }, "last words");
  process.exit(0);
});
process.send?.("ready");
