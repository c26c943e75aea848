import { randomBytes } from "node:crypto";
import { chmod, link, mkdir, readFile, stat, unlink, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

const SECRET_BYTES = 32;
const OWNER_ONLY = 0o600;
const OWNER_ONLY_FOLDER = 0o700;

/**
 * Returns the installation's secret: the one given, else the one in `file`, which is made on first use.
 *
 * Order: two processes may call it at once; the first to create the file wins and both get the same secret.
 */
export async function loadSecret(options: {
  readonly given: string | null;
  readonly file: string;
}): Promise<string> {
  if (options.given !== null) return options.given;
  await mkdir(dirname(options.file), { recursive: true, mode: OWNER_ONLY_FOLDER });
  const fresh = randomBytes(SECRET_BYTES).toString("hex");
  // Written whole under another name first, so that nobody ever reads half of it.
  const draft = `${options.file}.${randomBytes(6).toString("hex")}`;
  await writeFile(draft, `${fresh}\n`, { mode: OWNER_ONLY, flag: "wx" });
  try {
    await link(draft, options.file);
    return fresh;
  } catch (error) {
    if (!isExisting(error)) throw error;
    return await readSecret(options.file);
  } finally {
    await unlink(draft);
  }
}

async function readSecret(file: string): Promise<string> {
  // Somebody may have copied the file around: others must not read it.
  const { mode } = await stat(file);
  if ((mode & 0o077) !== 0) await chmod(file, OWNER_ONLY);
  const secret = (await readFile(file, "utf8")).trim();
  if (secret.length < SECRET_BYTES)
    throw new Error(`${file} holds no usable secret; remove it to make a new one`);
  return secret;
}

function isExisting(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === "EEXIST";
}
