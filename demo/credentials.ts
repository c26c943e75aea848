import { randomBytes } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { isAppError } from "#protocol/errors.ts";
import { askServer } from "#server/admin/ask-server.ts";
import type { DemoApi } from "./demo-api.ts";

const Credentials = z.object({ apiKey: z.string(), clusterId: z.string(), token: z.string() });
export type Credentials = z.infer<typeof Credentials>;

export const DEMO_EMAIL = "demo@culvert.localhost";

export interface EnsureCredentialsOptions {
  /** The demo's own folder. */
  readonly folder: string;
  /** The running server's private socket. */
  readonly controlSocket: string;
  readonly api: (apiKey: string) => DemoApi;
}

/** What the demo's agent and its own look at the API need: kept from the first start on, made again when refused. */
export async function ensureCredentials(options: EnsureCredentialsOptions): Promise<Credentials> {
  const file = join(options.folder, "credentials.json");
  const known = await readCredentials(file);
  if (known !== null && (await options.api(known.apiKey).hasCluster(known.clusterId))) return known;
  const { controlSocket } = options;
  const { key } = await askServer(controlSocket, "create-api-key", {
    name: "demo",
    role: "viewer",
  });
  const { clusterId, token } = await createCluster(controlSocket);
  const credentials = { apiKey: key, clusterId, token };
  await writeFile(`${file}.new`, `${JSON.stringify(credentials)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return credentials;
}

/** A link that signs the demo's person in, once. */
export async function createSignInLink(controlSocket: string): Promise<string> {
  try {
    await askServer(controlSocket, "create-user", {
      email: DEMO_EMAIL,
      name: "Demo",
      role: "admin",
      // Nobody needs it: whoever can start the demo can have a link.
      password: randomBytes(24).toString("base64url"),
    });
  } catch (error) {
    if (!isAppError(error) || error.code !== "conflict") throw error;
  }
  const { url } = await askServer(controlSocket, "sign-in-link", { email: DEMO_EMAIL });
  return url;
}

async function createCluster(socket: string): Promise<{ clusterId: string; token: string }> {
  try {
    return await askServer(socket, "create-cluster", { name: "demo" });
  } catch (error) {
    if (!isAppError(error) || error.code !== "conflict") throw error;
    // The name is taken, by a demo whose credentials are gone or by a person.
    const name = `demo-${randomBytes(2).toString("hex")}`;
    return askServer(socket, "create-cluster", { name });
  }
}

async function readCredentials(file: string): Promise<Credentials | null> {
  try {
    return Credentials.parse(JSON.parse(await readFile(file, "utf8")));
  } catch {
    // Absent, or not what we wrote: new ones are made.
    return null;
  }
}
