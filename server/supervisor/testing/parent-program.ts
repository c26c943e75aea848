import { pino } from "pino";
import { Supervisor } from "../supervisor.ts";

// A supervisor in a process of its own, for a test that kills it. Arguments: the children's program, their journal.
const [program = "", journal = ""] = process.argv.slice(2);
const child = (name: string) => ({
  name,
  program,
  args: [`name=${name}`, `journal=${journal}`],
  env: {},
});
const supervisor = new Supervisor({
  web: child("web"),
  relays: [child("rl_1")],
  log: pino({ level: "silent" }),
  stdout: "ignore",
  stderr: () => undefined,
  onNotice: () => undefined,
  onStopped: () => undefined,
});
supervisor.start();
await supervisor.ready;
process.send?.("ready");
