import { mkdirSync } from "node:fs";
import { chmod, copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { findFreePort } from "../../harness/process.ts";
import { runTool, startExternal, type ToolResult } from "./external.ts";
import { isListening } from "./is-listening.ts";

/** Where Debian's sshd wants a folder for its unprivileged half, when it runs as root. */
const PRIVILEGE_FOLDER = "/run/sshd";
const HOST_ALIAS = "culvert-test";
/** The server asks its clients so often whether they are there. */
const ALIVE_INTERVAL_SECONDS = 1;

export interface OpenSsh {
  readonly port: number;
  /** For files of the tests. */
  readonly folder: string;
  /** Arguments of ssh that run a command by way of another port. */
  clientArguments(port: number, command: string): readonly string[];
  ssh(port: number, command: string): Promise<ToolResult>;
  /** Runs lines of SFTP by way of another port; fails at the first that fails. */
  sftp(port: number, lines: readonly string[]): Promise<ToolResult>;
  stop(): Promise<void>;
}

/** A real sshd on loopback, with keys of its own, which lets this user in. @param parent where its folder goes. */
export async function startOpenSsh(parent: string): Promise<OpenSsh> {
  const folder = await mkdtemp(join(parent, "culvert-ssh-"));
  const [hostKey, userKey] = [join(folder, "host"), join(folder, "user")];
  for (const file of [hostKey, userKey]) {
    await runTool("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file]);
  }
  const authorized = join(folder, "authorized_keys");
  await copyFile(`${userKey}.pub`, authorized);
  await chmod(authorized, 0o600);
  const known = join(folder, "known_hosts");
  await writeFile(known, `${HOST_ALIAS} ${await readFile(`${hostKey}.pub`, "utf8")}`);
  if (userInfo().uid === 0) mkdirSync(PRIVILEGE_FOLDER, { recursive: true, mode: 0o755 });
  const port = await findFreePort();
  const config = join(folder, "sshd_config");
  await writeFile(config, describe({ port, hostKey, authorized }));
  const server = await startExternal({
    command: "/usr/sbin/sshd",
    args: ["-D", "-e", "-f", config],
    isReady: () => isListening(port),
  });
  const common = ["-F", "none", "-i", userKey, ...settings({ UserKnownHostsFile: known })];
  const target = `${userInfo().username}@127.0.0.1`;
  const clientArguments = (at: number, command: string) =>
    [...common, "-p", String(at), target, command] as const;
  return {
    port,
    folder,
    clientArguments,
    ssh: (at, command) => runTool("ssh", ["-q", ...clientArguments(at, command)]),
    sftp: (at, lines) =>
      runTool("sftp", [...common, "-P", String(at), "-b", "-", target], `${lines.join("\n")}\n`),
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The host's key is known beforehand: who answers through the relay is the server itself. */
function settings(more: Readonly<Record<string, string>>): readonly string[] {
  const all = { BatchMode: "yes", StrictHostKeyChecking: "yes", HostKeyAlias: HOST_ALIAS, ...more };
  return Object.entries(all).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
}

function describe(of: { port: number; hostKey: string; authorized: string }): string {
  return `Port ${of.port}
ListenAddress 127.0.0.1
HostKey ${of.hostKey}
AuthorizedKeysFile ${of.authorized}
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
PasswordAuthentication no
PidFile none
ClientAliveInterval ${ALIVE_INTERVAL_SECONDS}
ClientAliveCountMax 60
Subsystem sftp internal-sftp
`;
}
