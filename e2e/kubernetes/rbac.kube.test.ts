import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import {
  PERMISSIONS,
  type Permission,
  type PermissionFeature,
} from "#agent/discovery/kubernetes/permissions.ts";
import { eventually } from "../harness/process.ts";
import type { ApiServer } from "./harness/api-server.ts";
import { createAuditLog, type AuditedCall } from "./harness/audit.ts";
import { LEAST, renderChart, type ChartValues } from "./harness/chart.ts";
import { ClusterClient } from "./harness/cluster-client.ts";
import { describeKubernetes } from "./harness/describe-kubernetes.ts";
import { findApiServer } from "./harness/find-api-server.ts";
import { NEWEST } from "./harness/gateway-api.ts";
import { applyShop, startLab } from "./harness/lab.ts";
import { gateway, route } from "./harness/objects.ts";
import { isPublished } from "./harness/seen.ts";

const ACCOUNT = "culvert-agent";
const ACCESS = ["ServiceAccount", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"];
const GATEWAY_API = "gateway.networking.k8s.io/v1";
const OWN_CONTROLLER = "culvert.dev/gateway-controller";
const DEADLINE_MS = 60_000;
/** Every permission may be asked for here; Kubernetes lets everybody read these. */
const OPEN_PATHS = /^\/(version|readyz|apis\/gateway\.networking\.k8s\.io(\/\w+)?)$/;

const SubjectRules = z.object({
  status: z.object({
    resourceRules: z.array(
      z.object({
        verbs: z.array(z.string()),
        apiGroups: z.array(z.string()).default([]),
        resources: z.array(z.string()).default([]),
        resourceNames: z.array(z.string()).default([]),
      }),
    ),
  }),
});

/** `patch gateway.networking.k8s.io/gateways/status` */
const words = (verb: string, group: string, resource: string, names: readonly string[] = []) =>
  `${verb} ${group}/${resource}${names.length === 0 ? "" : ` ${names.join()}`}`;

function permitted(...features: readonly PermissionFeature[]): readonly Permission[] {
  return PERMISSIONS.filter(({ feature }) => features.includes(feature));
}

/** Each verb on each resource by itself. */
function toWords(permissions: readonly Permission[], hasNames: boolean): string[] {
  return permissions
    .flatMap(({ group, resources, verbs, names }) =>
      resources.flatMap((resource) =>
        verbs.map((verb) => words(verb, group, resource, hasNames ? names : [])),
      ),
    )
    .sort();
}

/** Installs what the chart grants, and nothing else of it. @returns a kubeconfig of its ServiceAccount. */
async function install(api: ApiServer, values: ChartValues = {}) {
  const { client } = api;
  const namespace = await client.createNamespace("culvert");
  const objects = await renderChart(namespace, { ...LEAST, ...values });
  await client.apply(...objects.filter(({ kind }) => ACCESS.includes(kind)));
  const folder = await mkdtemp(join(tmpdir(), "culvert-rbac-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const kubeconfig = join(folder, "kubeconfig");
  const token = await client.createToken(namespace, ACCOUNT);
  await writeFile(kubeconfig, client.kubeconfigFor({ token }));
  return {
    kubeconfig,
    user: `system:serviceaccount:${namespace}:${ACCOUNT}`,
    account: new ClusterClient(kubeconfig),
  };
}

/** What the API server says that this user may do in a namespace, beyond what everybody may. */
async function listRules(account: ClusterClient, namespace: string): Promise<string[]> {
  const { body } = await account.request(
    "POST",
    "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
    {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectRulesReview",
      spec: { namespace },
    },
  );
  const { resourceRules } = SubjectRules.parse(JSON.parse(body)).status;
  return resourceRules
    .filter(({ apiGroups }) => !apiGroups.some((group) => /^auth\w+\.k8s\.io$/.test(group)))
    .flatMap(({ verbs, apiGroups, resources, resourceNames }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) =>
          verbs.map((verb) => words(verb, group, resource, resourceNames)),
        ),
      ),
    )
    .sort();
}

function usedBy(calls: readonly AuditedCall[]): string[] {
  const used = calls
    .filter(({ resource }) => resource !== "")
    .map(({ verb, group, resource }) => words(verb, group, resource));
  return [...new Set(used)].sort();
}

/** The calls made, once every one of these permissions was used. */
async function untilUsed(
  read: () => Promise<readonly AuditedCall[]>,
  permissions: readonly Permission[],
): Promise<readonly AuditedCall[]> {
  const wanted = toWords(permissions, false);
  let missing = wanted;
  const calls = await eventually(
    "every permission was used",
    async () => {
      const made = await read();
      const used = usedBy(made);
      missing = wanted.filter((permission) => !used.includes(permission));
      return missing.length === 0 ? made : undefined;
    },
    DEADLINE_MS,
  ).catch((cause: unknown) => {
    throw new Error(`not used: ${missing.join("; ")}`, { cause });
  });
  return calls;
}

/** What nobody grants to the agent, by kind of harm. */
const forbiddenCalls = (namespace: string) =>
  [
    ["GET", "/api/v1/secrets"],
    ["GET", `/api/v1/namespaces/${namespace}/secrets/db`],
    ["GET", "/api/v1/configmaps"],
    ["GET", `/api/v1/namespaces/${namespace}/pods/db/log`],
    ["POST", `/api/v1/namespaces/${namespace}/pods/db/exec?command=id`],
    ["POST", `/api/v1/namespaces/${namespace}/pods`],
    ["POST", `/api/v1/namespaces/${namespace}/serviceaccounts/default/token`],
    ["GET", "/api/v1/nodes/one/proxy/pods"],
    ["GET", "/apis/apps/v1/deployments"],
    ["DELETE", `/api/v1/namespaces/${namespace}`],
    ["DELETE", `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/gateways/shop`],
    ["PATCH", `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/gateways/shop`],
    ["PATCH", `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/tcproutes/db`],
    ["PATCH", `/api/v1/namespaces/${namespace}/services/db`],
    ["POST", `/apis/events.k8s.io/v1/namespaces/${namespace}/events`],
    ["GET", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"],
    ["POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"],
    ["GET", "/metrics"],
  ] as const;

describeKubernetes(
  "what the agent may do in a cluster",
  await findApiServer(),
  (start) => {
    it("is what discovery and the view of the cluster need, all of it used and nothing beyond", async () => {
      const audit = await createAuditLog();
      const api = await start({ bundle: NEWEST, flags: audit.flags });
      const { kubeconfig, user } = await install(api);
      const place = await applyShop(api);
      const lab = await startLab(kubeconfig);
      const seen = await lab.seen.until("the shop", (inventory) => isPublished(inventory, place));
      expect(seen.problems).toEqual([]);
      expect(seen.gatewayApi).toMatchObject({ bundleVersion: "v1.6.3", channel: "experimental" });
      expect(seen.gatewayApi?.kinds.map(({ advice }) => advice)).toEqual(Array(7).fill(null));

      const granted = permitted("discovery", "cluster-view");
      const calls = await untilUsed(() => audit.callsOf(user), granted);
      expect(usedBy(calls)).toEqual(toWords(granted, false));
      expect(calls.filter(({ status }) => status === 403)).toEqual([]);
      for (const { resource, path } of calls) if (resource === "") expect(path).toMatch(OPEN_PATHS);
    });

    it("is what feedback writes, where that is asked for", async () => {
      const audit = await createAuditLog();
      const api = await start({ bundle: NEWEST, flags: audit.flags });
      const feedback = ["annotations", "status", "events"];
      const { kubeconfig, user } = await install(api, { feedback });
      const place = await applyShop(api);
      const { namespace } = place;
      const ownClass = {
        apiVersion: GATEWAY_API,
        kind: "GatewayClass",
        metadata: { name: "culvert" },
        spec: { controllerName: OWN_CONTROLLER },
      };
      const listeners = [{ name: "db", port: 5433 }];
      const own = gateway(namespace, "own", { listeners });
      const refused = { parents: ["own"], backends: [{ name: "nowhere", port: 1 }] };
      await api.client.apply(
        ownClass,
        { ...own, spec: { ...(own["spec"] as object), gatewayClassName: "culvert" } },
        route("TCPRoute", { namespace, name: "refused" }, refused),
      );
      const lab = await startLab(kubeconfig, { CULVERT_FEEDBACK: feedback.join() });
      await lab.seen.until("the shop", (inventory) => isPublished(inventory, place));
      const key = { ...place, protocol: "tcp" as const, hostname: null };
      const endpoints = [{ kind: "relay" as const, address: "relay.example.com:15001" }];
      for (const link of lab.hub.links) {
        link.send("published", { listeners: [{ key, mode: "tunnel", endpoints }] });
      }
      const calls = await untilUsed(() => audit.callsOf(user), PERMISSIONS);
      expect(usedBy(calls)).toEqual(toWords(PERMISSIONS, false));
      expect(calls.filter(({ status }) => status === 403)).toEqual([]);
    });

    it("is the table exactly, feature by feature, and everything else is refused", async () => {
      const api = await start({ bundle: NEWEST });
      const place = await applyShop(api);
      const all = await install(api, { feedback: ["annotations", "status", "events"] });
      expect(await listRules(all.account, place.namespace)).toEqual(toWords(PERMISSIONS, true));

      const least = await install(api, { clusterView: false });
      const discovery = toWords(permitted("discovery"), true);
      expect(await listRules(least.account, place.namespace)).toEqual(discovery);
      for (const [method, path] of forbiddenCalls(place.namespace)) {
        const type = method === "PATCH" ? "application/merge-patch+json" : undefined;
        const body = method === "GET" || method === "DELETE" ? undefined : {};
        await expect(least.account.request(method, path, body, type), path).rejects.toMatchObject({
          status: 403,
        });
      }
    });

    it("ends at the namespaces that are named", async () => {
      const audit = await createAuditLog();
      const api = await start({ bundle: NEWEST, flags: audit.flags });
      const [place, other] = [await applyShop(api), await applyShop(api)];
      const namespaces = [place.namespace];
      const { kubeconfig, account, user } = await install(api, { namespaces });
      const { seen } = await startLab(kubeconfig, {
        CULVERT_NAMESPACES: place.namespace,
        CULVERT_CLUSTER_VIEW: "false",
      });
      const inventory = await seen.until("the shop", (now) => isPublished(now, place));
      expect(isPublished(inventory, other)).toBe(false);
      expect(inventory.problems).toEqual([]);
      expect((await audit.callsOf(user)).filter(({ status }) => status === 403)).toEqual([]);
      const ofCluster = permitted("discovery")
        .filter(({ scope }) => scope === "cluster")
        .map((item) => (item.isNamespace === true ? { ...item, names: namespaces } : item));
      expect(await listRules(account, other.namespace)).toEqual(toWords(ofCluster, true));
      const list = "/apis/gateway.networking.k8s.io/v1/gateways";
      await expect(account.request("GET", list)).rejects.toMatchObject({ status: 403 });
      await expect(account.request("GET", "/api/v1/namespaces")).rejects.toMatchObject({
        status: 403,
      });
    });

    it("is enough to publish without any ClusterRole", async () => {
      const api = await start({ bundle: NEWEST });
      const place = await applyShop(api);
      const values = { namespaces: [place.namespace], rbac: { clusterScope: false } };
      const { kubeconfig, account } = await install(api, values);
      const { seen } = await startLab(kubeconfig, {
        CULVERT_NAMESPACES: place.namespace,
        CULVERT_CLUSTER_VIEW: "false",
      });
      const inventory = await seen.until("the shop", (now) => isPublished(now, place));
      expect(inventory.gatewayApi).toMatchObject({ bundleVersion: null });
      expect(await listRules(account, "default")).toEqual([]);
    });
  },
  "own",
);
