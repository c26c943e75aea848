/** A service to publish without any manifest. */
export interface Expose {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const HOST = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251})|\[[0-9A-Fa-f:.]{2,45}\])$/;
const PORT_MAX = 65_535;

/** Why a name cannot be that of a tunnel; null when it can. */
export function nameProblem(name: string): string | null {
  if (name === "") return "Give the service a name.";
  return NAME.test(name) ? null : "Use lower-case letters, digits and hyphens.";
}

/** Takes `host:port` or `[::1]:port` apart; null when it is neither. */
export function parseHostPort(text: string): { host: string; port: number } | null {
  const match = /^(.+):(\d{1,5})$/.exec(text.trim());
  const [, host = "", digits = ""] = match ?? [];
  const port = Number(digits);
  if (!HOST.test(host) || port < 1 || port > PORT_MAX) return null;
  return { host, port };
}

/** Quotes what a shell could take for more than a word. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./[\]-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

interface AgentCommandOptions {
  readonly publicUrl: string;
  readonly token: string;
  readonly expose: Expose;
}

/** The one command for a plain host: fetches the agent as one file and publishes a service. */
export function agentCommand({ publicUrl, token, expose }: AgentCommandOptions): string {
  const url = publicUrl.replace(/\/+$/, "");
  const target = `${expose.name}=tcp://${expose.host}:${expose.port}`;
  return [
    `curl -fsSO ${shellWord(`${url}/agent/culvert-agent.mjs`)} &&`,
    `CULVERT_URL=${shellWord(url)}`,
    `CULVERT_TOKEN=${shellWord(token)}`,
    `node culvert-agent.mjs --expose ${shellWord(target)}`,
  ].join(" \\\n  ");
}
