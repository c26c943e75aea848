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
 * Contains, under the MIT licence:
 *   zod (Copyright (c) 2025 Colin McDonnell)
 *   js-yaml (Copyright (C) 2011-2015 by Vitaly Puzrin)
 *   hpagent (Copyright (c) 2020 Tomas Della Vedova)
 *   socks (Copyright (c) 2013 Josh Glazebrook), smart-buffer (Copyright (c) 2013-2017 Josh Glazebrook)
 *   socks-proxy-agent, agent-base (Copyright (c) 2013 Nathan Rajlich)
 *   ip-address (Copyright (C) 2011 by Beau Gunderson)
 *   debug (Copyright (c) 2014-2017 TJ Holowaychuk, 2018-2021 Josh Junon), ms (Copyright (c) 2020 Vercel, Inc.)
 *   supports-color, has-flag (Copyright (c) Sindre Sorhus)
 *   jsonpath-plus (Copyright (c) 2011-2019 Stefan Goessner, Subbu Allamaraju, Mike Brevoort, Robert Krahn, Brett Zamir,
 *   Richard Schneider)
 *   openid-client (Copyright (c) 2016 Filip Skokan), oauth4webapi (Copyright (c) 2022 Filip Skokan)
 *   rfc4648 (Copyright (c) 2022 William R Swanson)
 * under ISC: yaml (Copyright Eemeli Aro)
 * under the Apache License, Version 2.0: @kubernetes/client-node (Copyright the Kubernetes Authors)
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
