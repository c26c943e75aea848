import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { TestHub } from "#agent/testing/test-hub.ts";
import { CANNOT_RUN_IMAGES, readDockerfile, runImage } from "../../scripts/testing/run-image.ts";
import { eventually, findFreePort, runProgram } from "../harness/process.ts";
import { LEAST, renderChart } from "./harness/chart.ts";
import type { ClusterClient, KubernetesObject } from "./harness/cluster-client.ts";
import { describeKubernetes } from "./harness/describe-kubernetes.ts";
import { findApiServer } from "./harness/find-api-server.ts";
import { NEWEST } from "./harness/gateway-api.ts";
import { applyShop } from "./harness/lab.ts";
import { isPublished, Seen } from "./harness/seen.ts";

const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";
const WORKLOADS = ["Deployment", "NetworkPolicy", "PodDisruptionBudget"];

const Probe = z.object({ httpGet: z.object({ path: z.string() }) });
const PodSpec = z.object({
  serviceAccountName: z.string(),
  securityContext: z.object({ runAsUser: z.number(), runAsGroup: z.number() }),
  containers: z.tuple([
    z.object({
      env: z.array(z.object({ name: z.string(), value: z.string().optional() })),
      livenessProbe: Probe,
      readinessProbe: Probe,
    }),
  ]),
});

function readPod(objects: readonly KubernetesObject[]) {
  const deployment = objects.find(({ kind }) => kind === "Deployment");
  const { template } = deployment?.["spec"] as { template: { spec: unknown } };
  const { containers, securityContext, serviceAccountName } = PodSpec.parse(template.spec);
  const [{ env, livenessProbe, readinessProbe }] = containers;
  return {
    user: `${securityContext.runAsUser}:${securityContext.runAsGroup}`,
    account: serviceAccountName,
    env: Object.fromEntries(env.map(({ name, value = "" }) => [name, value])),
    livePath: livenessProbe.httpGet.path,
    readyPath: readinessProbe.httpGet.path,
  };
}

/** What a kubelet mounts into a pod for its ServiceAccount. */
async function writeServiceAccount(client: ClusterClient, token: string, folder: string) {
  await mkdir(folder);
  await writeFile(join(folder, "token"), token);
  await writeFile(join(folder, "ca.crt"), client.authority);
  await chmod(folder, 0o755);
}

describeKubernetes("the agent's pod", await findApiServer(), (start) => {
  it.skipIf(CANNOT_RUN_IMAGES !== null)(
    "sees the cluster and publishes it: its image, the chart's environment, its ServiceAccount's token",
    async () => {
      const api = await start({ bundle: NEWEST });
      const place = await applyShop(api);
      const folder = await mkdtemp(join(tmpdir(), "culvert-pod-"));
      onTestFinished(() => rm(folder, { recursive: true }));
      const hub = await new TestHub().listen();
      onTestFinished(() => hub.close());

      const namespace = await api.client.createNamespace("culvert");
      const objects = await renderChart(namespace, { ...LEAST, server: { url: hub.url } });
      await api.client.apply(...objects.filter(({ kind }) => !WORKLOADS.includes(kind)));
      const pod = readPod(objects);
      const token = await api.client.createToken(namespace, pod.account);
      await writeServiceAccount(api.client, token, join(folder, "account"));
      const tree = join(folder, "image");
      await runProgram({ args: ["scripts/build-image.ts", "agent", tree] });

      const server = new URL(api.client.url);
      const port = await findFreePort();
      const child = await runImage({
        tree,
        settings: { ...(await readDockerfile("agent")), user: pod.user },
        env: {
          ...pod.env,
          CULVERT_TOKEN: "cvt_test",
          CULVERT_AGENT_PORT: String(port),
          KUBERNETES_SERVICE_HOST: server.hostname,
          KUBERNETES_SERVICE_PORT: server.port,
        },
        volumes: { [SERVICE_ACCOUNT]: join(folder, "account") },
      });
      onTestFinished(() => void child.kill("SIGKILL"));
      let log = "";
      child.stderr?.on("data", (chunk: Buffer) => (log += chunk.toString()));

      const seen = new Seen(hub);
      const inventory = await seen.until("the shop", (now) => isPublished(now, place));
      expect(inventory.problems, log).toEqual([]);
      for (const path of [pod.livePath, pod.readyPath]) {
        await eventually(`${path} is well`, async () =>
          (await fetch(`http://127.0.0.1:${port}${path}`)).ok ? true : undefined,
        );
      }
    },
  );
});
