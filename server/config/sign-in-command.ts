import { resolve } from "node:path";

type Env = Readonly<Record<string, string | undefined>>;

export interface SignInCommands {
  /** For the sign-in page, which tells strangers nothing of this machine's folders. */
  readonly onPage: string;
  /** For this server's own terminal. */
  readonly onTerminal: string;
}

/**
 * What prints a sign-in link where this server runs: no program of ours is on anybody's path. Our image has no npm and
 * says so in `CULVERT_IN_IMAGE`; in a checkout npm finds the Node that the project brings.
 */
export function signInCommands(env: Env): SignInCommands {
  if (env["CULVERT_IN_IMAGE"] === "true") {
    const ofImage = "node bin/culvert.ts admin sign-in-link";
    return { onPage: ofImage, onTerminal: ofImage };
  }
  const onPage = "npm run --silent culvert -- admin sign-in-link";
  const dataDir = env["CULVERT_DATA_DIR"];
  if (dataDir === undefined || dataDir === "") return { onPage, onTerminal: onPage };
  return { onPage, onTerminal: `CULVERT_DATA_DIR=${quoted(resolve(dataDir))} ${onPage}` };
}

/** As one word of a shell. */
function quoted(word: string): string {
  return /^[\w./@:+-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
