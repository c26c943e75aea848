// Bundles the agent into one file that a plain host with Node can run: public/agent/culvert-agent.mjs.
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import { AGENT_VERSION } from "#agent/version.ts";

const HELP = `Usage: node scripts/build-agent.ts [OUT_FILE]

Bundles the agent into one file, by default public/agent/culvert-agent.mjs. Runs on Node 20 and later.
`;

const LICENCE = `/*
 * culvert-agent ${AGENT_VERSION}
 * Copyright the Culvert authors. Licensed under the Apache License, Version 2.0:
 * https://www.apache.org/licenses/LICENSE-2.0
 *
 * Contains zod (MIT, Copyright (c) 2025 Colin McDonnell), yaml (ISC, Copyright Eemeli Aro), @kubernetes/client-node
 * (Apache-2.0, Copyright the Kubernetes Authors), js-yaml (MIT, Copyright (C) 2011-2015 by Vitaly Puzrin), hpagent (MIT,
 * Copyright (c) 2020 Tomas Della Vedova), socks, smart-buffer (MIT, Copyright (c) 2013-2017 Josh Glazebrook),
 * socks-proxy-agent, agent-base (MIT, Copyright (c) 2013 Nathan Rajlich), ip-address (MIT, Copyright (C) 2011 by Beau
 * Gunderson), debug, ms (MIT, Copyright (c) TJ Holowaychuk, Josh Junon, Vercel), jsonpath-plus (MIT, Copyright (c)
 * 2011-2019 Stefan Goessner, Subbu Allamaraju, Mike Brevoort, Robert Krahn, Brett Zamir, Richard Schneider),
 * openid-client, oauth4webapi (MIT, Copyright (c) Filip Skokan), rfc4648 (MIT, Copyright (c) Swaagie).
 */`;

/**
 * Of the Kubernetes library only its reader of kubeconfigs is used. What that file imports for its generated clients
 * makes up most of its weight, and wants a newer Node than the agent does.
 */
const UNUSED = /^(undici|\.\/gen\/index\.js|\.\/middleware\.js)$/;
const UNUSED_NAMES = [
  "Agent",
  "ProxyAgent",
  "createConfiguration",
  "ServerConfiguration",
  "setHeaderMiddleware",
];

const withoutGeneratedClients: Plugin = {
  name: "without-generated-clients",
  setup(bundle) {
    bundle.onResolve({ filter: UNUSED }, ({ path, importer }) =>
      importer.endsWith("/@kubernetes/client-node/dist/config.js")
        ? { path, namespace: "unused" }
        : undefined,
    );
    bundle.onLoad({ filter: /.*/, namespace: "unused" }, () => ({
      contents: UNUSED_NAMES.map((name) => `export const ${name} = undefined;`).join("\n"),
    }));
  },
};

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
    plugins: [withoutGeneratedClients],
    legalComments: "inline",
    banner: {
      // CommonJS packages inside ask for Node's own modules.
      js: `#!/usr/bin/env node\n${LICENCE}\nimport { createRequire as culvertRequire } from "node:module";\nconst require = culvertRequire(import.meta.url);`,
    },
    logLevel: "warning",
  });
}
