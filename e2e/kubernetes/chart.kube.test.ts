import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import {
  CHART,
  dryRun,
  LEAST,
  readObjects,
  renderChart,
  runHelm,
  type ChartValues,
} from "./harness/chart.ts";
import type { ClusterClient, KubernetesObject } from "./harness/cluster-client.ts";
import { describeKubernetes } from "./harness/describe-kubernetes.ts";
import { findApiServer } from "./harness/find-api-server.ts";
import { findGo, runGo } from "./harness/go.ts";

const run = promisify(execFile);
const source = await findApiServer();

/** Holds the CRD of ServiceMonitor. */
const PROMETHEUS_OPERATOR = "github.com/prometheus-operator/prometheus-operator@v0.85.0";
const PROMETHEUS_OPERATOR_SUM = "h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=";

const EVERYTHING: ChartValues = {
  server: {
    url: "https://culvert.internal:8443",
    caCertificate: "-----BEGIN CERTIFICATE-----\nAA==\n",
  },
  token: { value: "cvt_secret" },
  image: { repository: "registry.example.com/culvert-agent", digest: `sha256:${"0".repeat(64)}` },
  imagePullSecrets: [{ name: "registry" }],
  clusterName: "oslo",
  gatewayLabel: "team=edge",
  forceTunnelMode: true,
  dualModeEnabled: true,
  feedback: ["annotations", "status", "events"],
  extraEnv: [{ name: "HTTPS_PROXY", value: "http://proxy:3128" }],
  serviceAccount: { annotations: { "example.com/role": "agent" } },
  networkPolicy: {
    ingressFrom: [{ namespaceSelector: { matchLabels: { name: "monitoring" } } }],
    extraEgress: [{ to: [{ ipBlock: { cidr: "192.0.2.0/24" } }] }],
  },
  serviceMonitor: { enabled: true, labels: { release: "prometheus" } },
  podLabels: { team: "edge" },
  podAnnotations: { "example.com/note": "yes" },
  priorityClassName: "high",
  nodeSelector: { "kubernetes.io/os": "linux" },
  tolerations: [{ key: "edge", operator: "Exists" }],
  affinity: { nodeAffinity: {} },
};

const LITTLE: ChartValues = {
  ...LEAST,
  clusterView: false,
  networkPolicy: { enabled: false },
  podDisruptionBudget: { enabled: false },
  serviceAccount: { create: false, name: "mine" },
  rbac: { create: false },
};

async function installServiceMonitor(client: ClusterClient): Promise<void> {
  const go = findGo();
  if (go === null) throw new Error("there is no `go` to fetch the CRD with");
  const answer = await runGo(go, ["mod", "download", "-json", PROMETHEUS_OPERATOR], tmpdir());
  const { Dir, Sum } = JSON.parse(answer) as { Dir: string; Sum: string };
  expect(Sum).toBe(PROMETHEUS_OPERATOR_SUM);
  const file = "example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml";
  const crd = readObjects(await readFile(join(Dir, file), "utf8"));
  await client.apply(...crd);
  await expect
    .poll(
      () =>
        client.request("GET", "/apis/monitoring.coreos.com/v1").then(
          () => true,
          () => false,
        ),
      {
        timeout: 20_000,
      },
    )
    .toBe(true);
}

/** The pod that a Deployment would make. */
function toPod(deployment: KubernetesObject, namespace: string): KubernetesObject {
  const { template } = deployment["spec"] as {
    template: { metadata: { labels: Record<string, string> }; spec: object };
  };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...template.metadata, namespace, name: "agent" },
    spec: template.spec,
  };
}

function kindsOf(objects: readonly KubernetesObject[]): string[] {
  return objects.map(({ kind }) => kind).sort();
}

describeKubernetes("the agent's chart", source, (start) => {
  it("passes Helm's own checks, and has the project's version", async () => {
    const chart = await readFile(join(CHART, "Chart.yaml"), "utf8");
    expect(readObjects(chart)[0]).toMatchObject({
      version: packageJson.version,
      appVersion: packageJson.version,
    });
    const values = ["--set", "server.url=https://a.example", "--set", "token.existingSecret=a"];
    await expect(runHelm("lint", "--strict", CHART, ...values)).resolves.toContain(
      "0 chart(s) failed",
    );
  });

  it("is taken whole by a real API server, whatever the values", async () => {
    const { client } = await start();
    await installServiceMonitor(client);
    const namespace = await client.createNamespace("chart");
    const [one, other] = [await client.createNamespace("one"), await client.createNamespace("two")];
    const restricted = { ...LEAST, namespaces: [one, other], rbac: { clusterScope: false } };
    const kinds: string[][] = [];
    for (const values of [LEAST, EVERYTHING, LITTLE, restricted]) {
      const objects = await renderChart(namespace, values);
      for (const object of objects) await dryRun(client, object);
      kinds.push(kindsOf(objects));
    }
    const [least, everything, little, inNamespaces] = kinds;
    const always = ["Deployment", "NetworkPolicy", "PodDisruptionBudget"];
    expect(least).toEqual(["ClusterRole", "ClusterRoleBinding", ...always, "ServiceAccount"]);
    expect(everything).toEqual(
      [...(least ?? []), "ConfigMap", "Secret", "Service", "ServiceMonitor"].sort(),
    );
    expect(little).toEqual(["Deployment"]);
    expect(inNamespaces).toEqual(
      [...always, "Role", "Role", "RoleBinding", "RoleBinding", "ServiceAccount"].sort(),
    );
  });

  it("makes pods that the restricted Pod Security Standard admits", async () => {
    const { client } = await start();
    const enforce = "pod-security.kubernetes.io/enforce";
    const namespace = await client.createNamespace("restricted", { [enforce]: "restricted" });
    const objects = await renderChart(namespace, { ...EVERYTHING, priorityClassName: "" });
    const account = objects.find(({ kind }) => kind === "ServiceAccount");
    const deployment = objects.find(({ kind }) => kind === "Deployment");
    if (account === undefined || deployment === undefined)
      throw new Error("the chart lacks a part");
    await client.apply(account);
    const pod = toPod(deployment, namespace);
    await dryRun(client, pod);
    const spec = { ...(pod["spec"] as object), hostNetwork: true };
    await expect(dryRun(client, { ...pod, spec })).rejects.toMatchObject({ status: 403 });
  });

  it("is installed, upgraded and taken away by Helm", async () => {
    const api = await start();
    const namespace = await api.client.createNamespace("helm");
    const release = ["culvert-agent", "--namespace", namespace, "--kubeconfig", api.kubeconfig];
    const values = ["server.url=https://a.example", "token.existingSecret=a", "replicas=1"];
    const sets = values.flatMap((value) => ["--set", value]);
    const head = { apiVersion: "apps/v1", kind: "Deployment" };
    const deployment = { ...head, metadata: { namespace, name: "culvert-agent" } };

    await runHelm("upgrade", "--install", ...release, CHART, ...sets);
    expect(await api.client.get(deployment)).toMatchObject({ spec: { replicas: 1 } });
    await runHelm("upgrade", ...release, CHART, ...sets, "--set", "replicas=3");
    expect(await api.client.get(deployment)).toMatchObject({ spec: { replicas: 3 } });
    await runHelm("uninstall", ...release);
    await expect(api.client.get(deployment)).rejects.toMatchObject({ status: 404 });
  });

  it("is the same from the archive that servers hand out", async () => {
    const folder = await mkdtemp(join(tmpdir(), "culvert-chart-"));
    try {
      const file = join(folder, "culvert-agent.tgz");
      await run(process.execPath, ["scripts/build-chart.ts", file]);
      const [packed, checkout] = [
        await renderChart("a", EVERYTHING, file),
        await renderChart("a", EVERYTHING),
      ];
      expect(packed).toEqual(checkout);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it.each([
    ["no token", { server: LEAST["server"] }],
    ["no server", { token: LEAST["token"] }],
    ["a server that is no address", { ...LEAST, server: { url: "culvert.example.com" } }],
    ["feedback of an unknown kind", { ...LEAST, feedback: ["everything"] }],
    ["a label that is no text", { ...LEAST, podLabels: { edge: true } }],
    ["a value that does not exist", { ...LEAST, replicaCount: 3 }],
  ])("refuses %s", async (_what, values) => {
    await expect(renderChart("a", values)).rejects.toThrow();
  });
});

describeKubernetes("the agent's manifests", source, (start) => {
  it("are what the chart renders", async () => {
    await run(process.execPath, ["scripts/generate-manifests.ts", "--check"]);
  });

  it("are taken whole by a real API server", async () => {
    const { client } = await start();
    await client.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: "culvert" } });
    const objects = readObjects(await readFile("deploy/manifests/agent.yaml", "utf8"));
    for (const object of objects) await dryRun(client, object);
    const least = await renderChart("culvert", LEAST);
    expect(kindsOf(objects)).toEqual(kindsOf(least));
  });
});
