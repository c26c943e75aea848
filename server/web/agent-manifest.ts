import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Installation } from "#server/services/service-context.ts";

const FILE = fileURLToPath(new URL("../../deploy/manifests/agent.yaml", import.meta.url));

const IMAGE = /^(\s+image: ).*$/m;
const SERVER_URL = /^(\s+- name: CULVERT_URL\n\s+value: ).*$/m;
/** In the NetworkPolicy, below the comment that says whose port it is. */
const SERVER_PORT = /^(\s+# The Culvert server\.\n\s+- ports:\n\s+- \{ port: )\d+/m;

export type ManifestFacts = Pick<Installation, "publicUrl" | "agentImage">;

/** The agent's manifests as this server hands them out: for its own address, with the image it was told of. */
export async function readAgentManifest(facts: ManifestFacts): Promise<string> {
  return fillManifest(await readFile(FILE, "utf8"), facts);
}

/** @throws Error when the text has no place for one of the facts. */
export function fillManifest(text: string, { publicUrl, agentImage }: ManifestFacts): string {
  const { port, protocol } = new URL(publicUrl);
  const serverPort = port === "" ? (protocol === "https:" ? "443" : "80") : port;
  const places = [
    [IMAGE, JSON.stringify(agentImage)],
    [SERVER_URL, JSON.stringify(publicUrl)],
    [SERVER_PORT, serverPort],
  ] as const;
  return places.reduce((filled, [place, value]) => {
    if (!place.test(filled)) throw new Error(`The agent's manifests lack ${place.source}.`);
    return filled.replace(place, (_all, before: string) => before + value);
  }, text);
}
