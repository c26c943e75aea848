const forbid = (name, from, to) => ({
  name,
  severity: "error",
  from: { path: from },
  to: { path: to },
});
/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    { name: "everything-resolves", severity: "error", from: {}, to: { couldNotResolve: true } },
    forbid(
      "protocol-is-a-leaf",
      "^protocol/",
      "^(app|components|server|agent|mux|node_modules/(?!zod))",
    ),
    {
      name: "protocol-runs-anywhere",
      severity: "error",
      from: { path: "^protocol/" },
      to: { dependencyTypes: ["core"] },
    },
    forbid("mux-knows-the-protocol-only", "^mux/", "^(app|components|server|agent|bin|demo)/"),
    forbid("browser-code-stays-in-the-browser", "^components/", "^(app|server|agent|mux)/"),
    forbid("agent-ships-alone", "^agent/", "^(app|components|server|bin|demo)/"),
    forbid("server-does-not-know-next", "^server/", "^(app|components|agent|bin|demo)/"),
    forbid("pages-use-three-doors", "^app/", "^server/(?!services/|http/|runtime)"),
    forbid(
      "services-know-no-transport",
      "^server/services/",
      "^server/(relay/|relays|hub|live|http|runtime|web|main)",
    ),
    forbid(
      "relay-is-storage-free",
      "^server/relay/(?!main)",
      "^server/(db|services|hub|live|http|relays|runtime|web|main)",
    ),
    forbid(
      "hub-is-storage-free",
      "^server/hub/",
      "^server/(db|services|http|live|relays|runtime|web|main)",
    ),
    forbid("relays-ask-services", "^server/relays/", "^server/(db|relay/|hub|http|live|web|main)"),
    forbid("live-only-listens", "^server/live/", "^server/(db|relay/|hub|http|runtime|web|main)"),
    forbid("http-asks-services", "^server/http/", "^server/(db|relay/|hub|live|web|main)"),
    forbid(
      "the-supervisor-knows-no-part",
      "^server/(main|supervisor)",
      "^server/(?!config|lib|observability|supervisor)",
    ),
    forbid("the-web-process-has-no-data-plane", "^server/web/", "^server/(relay/|hub)"),
    forbid(
      "only-programs-read-the-environment",
      "^server/(?!main|web/main|relay/main|admin|config)",
      "^server/config/",
    ),
  ],
  options: {
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "\\.test\\.tsx?$|server/db/generated|\\.next" },
    enhancedResolveOptions: {
      conditionNames: ["import", "node", "default"],
      exportsFields: ["exports"],
      extensions: [".ts", ".tsx", ".js", ".mjs", ".cjs", ".d.ts"],
    },
  },
};
