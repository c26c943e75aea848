// A child process for tests, told what to do by its arguments: `name=value`.
import { appendFileSync } from "node:fs";

const options = Object.fromEntries(process.argv.slice(2).map((argument) => argument.split("=")));
const say = (what) => appendFileSync(options.journal, `${options.name} ${what} ${process.pid}\n`);

process.on("disconnect", () => {
  say("orphaned");
  process.exit(0);
});
process.on("SIGTERM", () => {
  say("draining");
  setTimeout(
    () => {
      say("drained");
      process.exit(0);
    },
    Number(options.drainMs ?? 0),
  );
});

if (options.fatal !== undefined) {
  process.stderr.write(`some noise\n${options.fatal}\n`);
  process.exit(78);
}
if (options.crash !== undefined) process.exit(1);
say("started");
if (options.notice !== undefined) process.send({ type: "notice", text: options.notice });
process.send({ type: "nonsense" });
process.send({ type: "ready" });
