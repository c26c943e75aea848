import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** The kernel's bound for a unix socket's path is 108 bytes; macOS has 104. */
const SOCKET_PATH_BYTES_MAX = 100;
const LONGEST_SOCKET_NAME = "control.sock";

/** Where our processes' sockets live. Readable by nobody else. */
export interface RunDir {
  readonly path: string;
  /** True when it was made for this start; false when it belongs to whoever has the data directory's lock. */
  readonly isOurs: boolean;
  remove(): Promise<void>;
}

/** Makes `<data dir>/run`, or a folder under the system's temporary one where that path is too long for a socket. */
export async function createRunDir(dataDir: string): Promise<RunDir> {
  const inside = join(resolve(dataDir), "run");
  await mkdir(inside, { recursive: true, mode: 0o700 });
  await chmod(inside, 0o700);
  const longest = join(inside, LONGEST_SOCKET_NAME);
  if (Buffer.byteLength(longest) <= SOCKET_PATH_BYTES_MAX) {
    return { path: inside, isOurs: false, remove: () => removeSockets(inside) };
  }
  const path = await mkdtemp(join(tmpdir(), "culvert-"));
  return { path, isOurs: true, remove: () => rm(path, { recursive: true, force: true }) };
}

async function removeSockets(folder: string): Promise<void> {
  for (const name of ["web.sock", LONGEST_SOCKET_NAME])
    await rm(join(folder, name), { force: true });
}
