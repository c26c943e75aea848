import type { Site } from "./http-lab.ts";

/** What curl is told to ask a site by the name that it has, silent but for errors. */
export const curlArgs = (
  { host, port }: Site,
  path: string,
  args: readonly string[] = [],
): string[] => ["-sS", "-H", `Host: ${host}`, ...args, `http://127.0.0.1:${port}${path}`];
