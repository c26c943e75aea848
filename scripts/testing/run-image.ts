import { spawn, type ChildProcess } from "node:child_process";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** What the last stage of a Dockerfile says about running the image. */
export interface ImageSettings {
  readonly env: Readonly<Record<string, string>>;
  readonly workdir: string;
  readonly user: string;
  /** ENTRYPOINT and CMD. */
  readonly command: readonly string[];
  /** The npm script, with its arguments, that makes the tree. */
  readonly buildScript: string;
}

export async function readDockerfile(name: string): Promise<ImageSettings> {
  const text = await readFile(`deploy/docker/${name}.Dockerfile`, "utf8");
  const stage = text.slice(text.lastIndexOf("\nFROM "));
  const find = (word: string): string =>
    new RegExp(`^${word} (.*)$`, "m").exec(stage)?.[1]?.trim() ?? "";
  const list = (word: string): string[] => JSON.parse(find(word) || "[]") as string[];
  return {
    env: Object.fromEntries(find("ENV").split(" ").map(toPair)),
    workdir: find("WORKDIR"),
    user: find("USER"),
    command: [...list("ENTRYPOINT"), ...list("CMD")],
    buildScript: /npm run --silent (image:\S+ -- \/image)/.exec(text)?.[1] ?? "",
  };
}

function toPair(text: string): [string, string] {
  const [name = "", value = ""] = text.split("=");
  return [name, value];
}

export interface RunImageOptions {
  readonly tree: string;
  readonly settings: ImageSettings;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Folders of this machine to write in, by their path in the image. */
  readonly volumes?: Readonly<Record<string, string>>;
}

/** Why the tree cannot be run as an image here; null where it can. */
export const CANNOT_RUN_IMAGES =
  process.platform !== "linux" || process.getuid?.() !== 0
    ? "only root on Linux may mount a tree read-only"
    : null;

/**
 * Runs a tree as a container engine would: as its whole file system, read-only, with its own user, working directory
 * and environment. The network is the machine's.
 */
export async function runImage(options: RunImageOptions): Promise<ChildProcess> {
  const { tree, settings, volumes = {} } = options;
  // What an engine adds to every image.
  for (const path of ["dev", "proc", ...Object.keys(volumes)]) {
    await mkdir(join(tree, path), { recursive: true });
  }
  const [uid = "", gid = ""] = settings.user.split(":");
  const script = [
    "set -e",
    `mount --bind "${tree}" "${tree}"`,
    `mount -o remount,ro,bind "${tree}"`,
    `mount --rbind /dev "${tree}/dev"`,
    `mount -t proc proc "${tree}/proc"`,
    ...Object.entries(volumes).map(([to, from]) => `mount --bind "${from}" "${tree}${to}"`),
    // Ours finds what mounts; nothing of our environment may leak into the image.
    `exec /usr/bin/env -i "$@"`,
  ].join("\n");
  const env = Object.entries({ ...settings.env, ...options.env });
  const command = [
    ...env.map(([name, value]) => `${name}=${value}`),
    "/usr/bin/unshare",
    `--root=${tree}`,
    `--wd=${settings.workdir}`,
    `--setgid=${gid}`,
    `--setuid=${uid}`,
    ...settings.command,
    ...(options.args ?? []),
  ];
  return spawn("unshare", ["--mount", "sh", "-c", script, "sh", ...command], {
    cwd: "/",
    stdio: ["ignore", "pipe", "pipe"],
  });
}
