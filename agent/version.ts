/** Version of the agent, as in package.json: a bundle has no package.json beside it. */
export const AGENT_VERSION = "0.1.0";
