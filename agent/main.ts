import { agentCommand } from "./cli.ts";

// The agent as a program of its own: what `culvert-agent.mjs` is bundled from.
const exitCode = await agentCommand(process.argv.slice(2), process.env);
// Not only exitCode: a connection that outlives the drain must not keep the program alive.
process.exit(exitCode);
