// Bundles the agent into one file that a plain host with Node can run: public/agent/culvert-agent.mjs.
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { AGENT_VERSION } from "#agent/version.ts";

const HELP = `Usage: node scripts/build-agent.ts [OUT_FILE]

Bundles the agent into one file, by default public/agent/culvert-agent.mjs. Runs on Node 20 and later.
`;

const LICENCE = `/*
 * culvert-agent ${AGENT_VERSION}
 * Copyright the Culvert authors. Licensed under the Apache License, Version 2.0:
 * https://www.apache.org/licenses/LICENSE-2.0
 *
 * Contains zod (MIT, Copyright (c) 2025 Colin McDonnell) and yaml (ISC, Copyright Eemeli Aro).
 */`;

const [argument] = process.argv.slice(2);
if (argument === "--help") {
  process.stdout.write(HELP);
} else {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const outfile = argument ?? `${root}public/agent/culvert-agent.mjs`;
  await mkdir(new URL(".", new URL(outfile, "file:///")), { recursive: true });
  await build({
    entryPoints: [`${root}agent/main.ts`],
    outfile,
    absWorkingDir: root,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    legalComments: "inline",
    banner: {
      // CommonJS packages inside ask for Node's own modules.
      js: `#!/usr/bin/env node\n${LICENCE}\nimport { createRequire as culvertRequire } from "node:module";\nconst require = culvertRequire(import.meta.url);`,
    },
    logLevel: "warning",
  });
}
