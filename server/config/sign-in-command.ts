/**
 * What prints a sign-in link where this server runs: no program of ours is on anybody's path. Through npm where npm
 * started us, else as an image's or a unit's command line has it.
 */
export function signInCommand(env: Readonly<Record<string, string | undefined>>): string {
  const culvert =
    env["npm_lifecycle_event"] === undefined
      ? "node bin/culvert.ts"
      : "npm run --silent culvert --";
  return `${culvert} admin sign-in-link`;
}
