import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createReadStream, createWriteStream, statfsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ConnectionPage } from "#protocol/api/connections.ts";
import { TunnelDto } from "#protocol/api/tunnels.ts";
import { eventually, startProgram } from "../harness/process.ts";
import { hasProgram } from "./harness/external.ts";
import { type OpenSsh, startOpenSsh } from "./harness/openssh.ts";
import { PortLab } from "./harness/port-lab.ts";

const MIB = 1024 * 1024;
const FILE_MIB = 1_024;
/** The shortest that the API takes. */
const IDLE_TIMEOUT_MS = 10_000;
const MEMORY_FOLDER = "/dev/shm";

const hasSsh = ["/usr/sbin/sshd", "ssh", "sftp", "ssh-keygen"].every(hasProgram);

describe.skipIf(!hasSsh)("OpenSSH behind the relay (openssh-server needed)", () => {
  let ssh: OpenSsh;
  let lab: PortLab;

  beforeAll(async () => {
    ssh = await startOpenSsh(findRoom(3 * FILE_MIB * MIB));
    lab = await PortLab.start([{ name: "ssh", protocol: "TCP", port: 22, target: ssh.port }]);
  });

  afterAll(async () => {
    await lab.stop();
    await ssh.stop();
  });

  it("runs a command, with its output, its errors and its exit code", async () => {
    const ran = await ssh.ssh(lab.port("ssh"), "echo out; echo err >&2; exit 7");
    expect({ ...ran, out: ran.out.toString() }).toEqual({ code: 7, out: "out\n", err: "err\n" });
  });

  it("carries 1 GiB up and down by SFTP, unchanged", async () => {
    const [local, remote, back] = ["local", "remote", "back"].map((name) => join(ssh.folder, name));
    if (local === undefined || remote === undefined || back === undefined) throw new Error("names");
    const digest = await writeRandom(local);
    const up = await ssh.sftp(lab.port("ssh"), [`put ${local} ${remote}`]);
    expect(up).toMatchObject({ code: 0 });
    await rm(local);
    const down = await ssh.sftp(lab.port("ssh"), [`get ${remote} ${back}`]);
    expect(down).toMatchObject({ code: 0 });
    await rm(remote);
    const hash = createHash("sha256");
    await pipeline(createReadStream(back), hash);
    expect(hash.digest("hex")).toBe(digest);
  });

  it("keeps a session that only its keep-alive keeps busy, and closes one that is silent", async () => {
    const { id } = lab.tunnel("ssh");
    const body = JSON.stringify({ policy: { idleTimeoutMs: IDLE_TIMEOUT_MS } });
    await lab.server.api(TunnelDto, `/tunnels/${id}`, { method: "PATCH", body });
    const kept = startProgram({
      program: "ssh",
      args: ["-v", ...ssh.clientArguments(lab.port("ssh"), "cat")],
      isInputLeftOpen: true,
    });
    kept.child.stdin.write("first\n");
    await kept.waitForOutput(/^first$/m);
    // The server waits two minutes for a client's greeting.
    const silent = connect(lab.port("ssh"), "127.0.0.1").on("error", () => {});
    await once(silent, "data");
    await eventually("the silent one is closed", async () => {
      const query = `tunnelId=${id}&state=closed`;
      const { items } = await lab.server.api(ConnectionPage, `/connections?${query}`);
      return items.find(({ closeReason }) => closeReason === "idle_timeout");
    });
    silent.destroy();
    expect(kept.output()).toContain("keepalive@openssh.com");
    kept.child.stdin.write("last\n");
    await kept.waitForOutput(/^last$/m);
    await kept.stop();
  });
});

/** Where files of so many bytes can lie: in memory, else in the temporary folder. */
function findRoom(bytes: number): string {
  try {
    const { bavail, bsize } = statfsSync(MEMORY_FOLDER);
    return bavail * bsize > bytes ? MEMORY_FOLDER : tmpdir();
  } catch {
    return tmpdir(); // No such folder on this machine.
  }
}

/** @returns the SHA-256 of what was written. */
async function writeRandom(file: string): Promise<string> {
  const hash = createHash("sha256");
  const block = randomBytes(MIB);
  function* blocks(): Generator<Buffer> {
    for (let n = 0; n < FILE_MIB; n += 1) {
      const each = Buffer.from(block);
      each.writeUInt32BE(n);
      hash.update(each);
      yield each;
    }
  }
  await pipeline(Readable.from(blocks(), { objectMode: false }), createWriteStream(file));
  return hash.digest("hex");
}
