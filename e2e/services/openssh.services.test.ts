import { createHash, randomBytes } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasProgram } from "./harness/external.ts";
import { type OpenSsh, startOpenSsh } from "./harness/openssh.ts";
import { PortLab } from "./harness/port-lab.ts";

const MIB = 1024 * 1024;
const FILE_MIB = 1_024;

const hasSsh = ["/usr/sbin/sshd", "ssh", "sftp", "ssh-keygen"].every(hasProgram);

describe.skipIf(!hasSsh)("OpenSSH behind the relay (openssh-server needed)", () => {
  let ssh: OpenSsh;
  let lab: PortLab;

  beforeAll(async () => {
    ssh = await startOpenSsh();
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
});

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
