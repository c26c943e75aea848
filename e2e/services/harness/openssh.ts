import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { chmod, copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { findFreePort } from "../../harness/process.ts";
import { runTool, startExternal, type ToolResult } from "./external.ts";

/** Where Debian's sshd wants a folder for its unprivileged half, when it runs as root. */
const PRIVILEGE_FOLDER = "/run/sshd";

export interface OpenSsh {
  readonly port: number;
  /** For files of the tests. */
  readonly folder: string;
  /** Runs a command by way of another port. */
  ssh(port: number, command: string): Promise<ToolResult>;
  /** Runs lines of SFTP by way of another port; fails at the first that fails. */
  sftp(port: number, lines: readonly string[]): Promise<ToolResult>;
  stop(): Promise<void>;
}

/** A real sshd on loopback, with keys of its own, which lets this user in. */
export async function startOpenSsh(): Promise<OpenSsh> {
  const folder = await mkdtemp(join(tmpdir(), "culvert-ssh-"));
  const [hostKey, userKey] = [join(folder, "host"), join(folder, "user")];
  for (const file of [hostKey, userKey]) {
    spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file]);
  }
  const authorized = join(folder, "authorized_keys");
  await copyFile(`${userKey}.pub`, authorized);
  await chmod(authorized, 0o600);
  if (userInfo().uid === 0) mkdirSync(PRIVILEGE_FOLDER, { recursive: true, mode: 0o755 });
  const port = await findFreePort();
  const config = join(folder, "sshd_config");
  await writeFile(config, describe({ port, hostKey, authorized }));
  const server = await startExternal({
    command: "/usr/sbin/sshd",
    args: ["-D", "-e", "-f", config],
    isReady: () => canConnect(port),
  });
  const common = [
    ...["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"],
    ...["-o", "BatchMode=yes", "-o", "LogLevel=ERROR", "-i", userKey],
  ];
  const target = `${userInfo().username}@127.0.0.1`;
  return {
    port,
    folder,
    ssh: (at, command) => runTool("ssh", [...common, "-p", String(at), target, command]),
    sftp: (at, lines) =>
      runTool("sftp", [...common, "-P", String(at), "-b", "-", target], `${lines.join("\n")}\n`),
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
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
Subsystem sftp internal-sftp
`;
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
