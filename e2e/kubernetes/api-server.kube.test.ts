import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { takeAddress } from "./harness/addresses.ts";
import { ClusterClient, ClusterError } from "./harness/cluster-client.ts";
import { describeKubernetes } from "./harness/describe-kubernetes.ts";
import { findApiServer } from "./harness/find-api-server.ts";
import { NEWEST } from "./harness/gateway-api.ts";

const source = await findApiServer();

const configMap = (namespace: string, data: Record<string, string>) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { namespace, name: "kept" },
  data,
});

describeKubernetes(
  "the test API server",
  source,
  (start) => {
    it("keeps what is stored when it is killed, and loses it when it starts empty", async () => {
      const api = await start();
      const namespace = await api.client.createNamespace("harness");
      await api.client.apply(configMap(namespace, { a: "1" }));
      await api.kill();
      await api.restart();
      expect(await api.client.get(configMap(namespace, {}))).toMatchObject({ data: { a: "1" } });

      await api.restart({ isEmpty: true });
      const lost = api.client.get(configMap(namespace, {}));
      await expect(lost).rejects.toMatchObject({ status: 404 });
    });

    it("lives on when etcd alone is killed and comes back", async () => {
      const api = await start({ hasOwnEtcd: true });
      const namespace = await api.client.createNamespace("harness");
      await api.restartEtcd();
      await api.client.apply(configMap(namespace, { b: "2" }));
      expect(await api.client.get(configMap(namespace, {}))).toMatchObject({ data: { b: "2" } });
    });

    it("lets a ServiceAccount do nothing that no role allows", async () => {
      const api = await start();
      const namespace = await api.client.createNamespace("harness");
      const token = await api.client.createToken(namespace, "nobody");
      const folder = await mkdtemp(join(tmpdir(), "culvert-kubeconfig-"));
      try {
        const file = join(folder, "kubeconfig");
        await writeFile(file, api.client.kubeconfigFor({ token }));
        const list = new ClusterClient(file).request("GET", "/api/v1/namespaces");
        await expect(list).rejects.toBeInstanceOf(ClusterError);
        await expect(list).rejects.toMatchObject({ status: 403 });
      } finally {
        await rm(folder, { recursive: true });
      }
    });
  },
  "own",
);

describeKubernetes("an API server with Gateway API", source, (start) => {
  const own = takeAddress();
  const { address } = own ?? {};
  afterAll(() => own?.release());

  it.skipIf(own === null)("accepts endpoints that are addresses of this machine", async () => {
    const { client } = await start({ bundle: NEWEST });
    const namespace = await client.createNamespace("harness");
    const slice = {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { namespace, name: "db" },
      addressType: "IPv4",
      endpoints: [{ addresses: [address] }],
    };
    const route = {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "TCPRoute",
      metadata: { namespace, name: "db" },
      spec: { rules: [{ backendRefs: [{ name: "db", port: 5432 }] }] },
    };
    await client.apply(slice, route);
    await expect(client.get(slice)).resolves.toMatchObject({
      endpoints: [{ addresses: [address] }],
    });
    await expect(client.get(route)).resolves.toMatchObject({ kind: "TCPRoute" });
  });
});

describeKubernetes(
  "the test API server's certificates",
  source,
  (start) => {
    it("are trusted after a renewal by whoever trusts the authority, and by nobody after a new authority", async () => {
      const api = await start();
      const before = api.client;
      await api.restart({ renew: "serving" });
      await expect(before.request("GET", "/readyz")).resolves.toMatchObject({ status: 200 });
      await api.restart({ renew: "authority" });
      await expect(before.request("GET", "/readyz")).rejects.toThrow();
      await expect(api.client.request("GET", "/readyz")).resolves.toMatchObject({ status: 200 });
    });
  },
  "renewal",
);
