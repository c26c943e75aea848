import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { TestHub } from "#agent/testing/test-hub.ts";
import type { Published } from "#protocol/control/published.ts";
import { eventually, type RunningProgram } from "../harness/process.ts";
import { readLog, startKubernetesAgent } from "./harness/agent.ts";
import type { ClusterClient, KubernetesObject } from "./harness/cluster-client.ts";
import { describeKubernetes } from "./harness/describe-kubernetes.ts";
import { findApiServer } from "./harness/find-api-server.ts";
import { NEWEST } from "./harness/gateway-api.ts";

const GATEWAY_API = "gateway.networking.k8s.io/v1";
const ANNOTATION = "culvert.dev/endpoint";
const RELAY = "relay.example.com";

interface Shown {
  readonly metadata: {
    readonly annotations?: Readonly<Record<string, string>>;
    readonly resourceVersion: string;
    readonly generation: number;
  };
  readonly status: {
    readonly addresses?: readonly { readonly type: string; readonly value: string }[];
    readonly conditions: readonly ShownCondition[];
    readonly listeners?: readonly {
      readonly name: string;
      readonly attachedRoutes: number;
      readonly conditions: readonly ShownCondition[];
    }[];
  };
}

interface ShownCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly observedGeneration?: number;
}

interface ShownEvent {
  readonly reason: string;
  readonly note: string;
  readonly type: string;
  readonly regarding: { readonly kind: string; readonly name: string; readonly uid: string };
}

const gatewayOf = (namespace: string, className: string, ports: readonly number[] = [5432]) => ({
  apiVersion: GATEWAY_API,
  kind: "Gateway",
  metadata: { namespace, name: "edge", labels: { "culvert.dev/managed": "true" } },
  spec: {
    gatewayClassName: className,
    listeners: ports.map((port) => ({ name: `tcp-${port}`, protocol: "TCP", port })),
  },
});

const routeOf = (namespace: string, name: string, backend: object, port = 5432) => ({
  apiVersion: GATEWAY_API,
  kind: "TCPRoute",
  metadata: { namespace, name },
  spec: {
    parentRefs: [{ name: "edge", sectionName: `tcp-${port}` }],
    rules: [{ backendRefs: [{ port: 5432, ...backend }] }],
  },
});

function publishedOf(namespace: string, addresses: readonly string[]): Published {
  if (addresses.length === 0) return { listeners: [] };
  const key = { namespace, gateway: "edge", protocol: "tcp" as const, port: 5432, hostname: null };
  const endpoints = addresses.map((address) => ({ kind: "relay" as const, address }));
  return { listeners: [{ key, mode: "tunnel", endpoints }] };
}

/** Agents of one cluster with a server that says what the test says. */
async function startAgents(kubeconfig: string, feedback: string, count = 1) {
  const hub = await new TestHub().listen();
  onTestFinished(() => hub.close());
  const agents: RunningProgram[] = [];
  for (let index = 0; index < count; index += 1) {
    const env = { CULVERT_FEEDBACK: feedback };
    const name = `agent-${index}`;
    const agent = await startKubernetesAgent({ url: hub.url, kubeconfig, name, env });
    onTestFinished(() => agent.stop());
    agents.push(agent);
  }
  await hub.untilUp(count);
  const publish = (published: Published): void => {
    for (const link of hub.links) link.send("published", published);
  };
  return { hub, agents, publish };
}

/** Resolves with the Gateway once it is as wanted. */
async function untilGateway(
  client: ClusterClient,
  gateway: KubernetesObject,
  what: string,
  isSo: (shown: Shown) => boolean,
): Promise<Shown> {
  return eventually(what, async () => {
    const shown = (await client.get(gateway)) as unknown as Shown;
    return isSo(shown) ? shown : undefined;
  });
}

async function eventsOf(client: ClusterClient, namespace: string): Promise<readonly ShownEvent[]> {
  const { body } = await client.request(
    "GET",
    `/apis/events.k8s.io/v1/namespaces/${namespace}/events`,
  );
  return (JSON.parse(body) as { items: ShownEvent[] }).items;
}

const findCondition = (conditions: readonly ShownCondition[], type: string) =>
  conditions.find((condition) => condition.type === type);

describeKubernetes("what agents write into their cluster", await findApiServer(), (start) => {
  it("annotates a Gateway with where it is published, once for several agents, and takes it away", async () => {
    const api = await start({ bundle: NEWEST });
    const { client } = api;
    const namespace = await client.createNamespace("feedback");
    const gateway = gatewayOf(namespace, "somebody-elses");
    const other = { ...gatewayOf(namespace, "somebody-elses"), metadata: { namespace, name: "b" } };
    await client.apply(gateway, other);
    const created = (await client.get(gateway)) as unknown as Shown;
    const { publish } = await startAgents(api.kubeconfig, "annotations", 2);

    publish(publishedOf(namespace, [`${RELAY}:15001`]));
    const first = await untilGateway(client, gateway, "the annotation", ({ metadata }) => {
      return metadata.annotations?.[ANNOTATION] === `tcp/5432=${RELAY}:15001`;
    });
    // The status is its own controller's.
    expect(first.status.addresses).toBeUndefined();

    publish(publishedOf(namespace, [`${RELAY}:15001`, "203.0.113.7:5432"]));
    await untilGateway(client, gateway, "both endpoints", ({ metadata }) => {
      const text = metadata.annotations?.[ANNOTATION] ?? "";
      return text === `tcp/5432=${RELAY}:15001,tcp/5432=203.0.113.7:5432`;
    });
    publish(publishedOf(namespace, []));
    await untilGateway(client, gateway, "no annotation", ({ metadata }) => {
      return metadata.annotations?.[ANNOTATION] === undefined;
    });
    // Two agents, and the sight of their own annotation, add nothing to the three changes.
    const { body } = await client.request(
      "GET",
      `/apis/${GATEWAY_API}/namespaces/${namespace}/gateways?watch=true&timeoutSeconds=3&fieldSelector=metadata.name%3Dedge&resourceVersion=${created.metadata.resourceVersion}`,
    );
    expect(body.trim().split("\n")).toHaveLength(3);
    const untouched = (await client.get(other)) as unknown as Shown;
    expect(untouched.metadata.annotations?.[ANNOTATION]).toBeUndefined();
  });

  it("speaks for Gateways of its own class, with the conditions of the specification", async () => {
    const api = await start({ bundle: NEWEST });
    const { client } = api;
    const namespace = await client.createNamespace("feedback");
    const own = {
      apiVersion: GATEWAY_API,
      kind: "GatewayClass",
      metadata: { name: `culvert-${namespace}` },
      spec: { controllerName: "culvert.dev/gateway-controller" },
    };
    const gateway = gatewayOf(namespace, own.metadata.name, [5432, 6379]);
    const route = routeOf(namespace, "db", { name: "db" });
    await client.apply(own, gateway, route);
    const { publish } = await startAgents(api.kubeconfig, "status", 2);
    publish(publishedOf(namespace, []));
    const waiting = await untilGateway(client, gateway, "a first status", ({ status }) => {
      return findCondition(status.conditions, "Programmed")?.reason === "AddressNotAssigned";
    });
    expect(findCondition(waiting.status.conditions, "Accepted")?.status).toBe("True");
    const shownClass = (await client.get(own)) as unknown as Shown;
    expect(findCondition(shownClass.status.conditions, "Accepted")?.status).toBe("True");

    publish(publishedOf(namespace, [`${RELAY}:15001`]));
    const shown = await untilGateway(client, gateway, "an address", ({ status }) => {
      return findCondition(status.conditions, "Programmed")?.status === "True";
    });
    expect(shown.status.addresses).toEqual([{ type: "Hostname", value: RELAY }]);
    for (const { observedGeneration } of shown.status.conditions) {
      expect(observedGeneration).toBe(shown.metadata.generation);
    }
    const listener = (name: string) => shown.status.listeners?.find((item) => item.name === name);
    expect(listener("tcp-5432")).toMatchObject({ attachedRoutes: 1 });
    expect(findCondition(listener("tcp-5432")?.conditions ?? [], "Programmed")?.status).toBe(
      "True",
    );
    expect(listener("tcp-6379")).toMatchObject({ attachedRoutes: 0 });
    expect(findCondition(listener("tcp-6379")?.conditions ?? [], "Programmed")?.reason).toBe(
      "Pending",
    );

    // A new generation is followed, and a listener that is gone goes.
    await client.apply(gatewayOf(namespace, own.metadata.name, [5432]));
    const later = await untilGateway(client, gateway, "one listener", ({ metadata, status }) => {
      const accepted = findCondition(status.conditions, "Accepted");
      return accepted?.observedGeneration === metadata.generation && status.listeners?.length === 1;
    });
    expect(later.status.listeners?.[0]?.name).toBe("tcp-5432");
  });

  it("says refusals as Events, one for several agents", async () => {
    const api = await start({ bundle: NEWEST });
    const { client } = api;
    const namespace = await client.createNamespace("feedback");
    const foreign = await client.createNamespace("foreign");
    const route = routeOf(namespace, "db", { name: "db", namespace: foreign });
    await client.apply(gatewayOf(namespace, "somebody-elses", [5432, 6379]), route);
    const { publish } = await startAgents(api.kubeconfig, "events", 2);
    publish(publishedOf(namespace, []));
    const events = await eventually("an Event", async () => {
      const found = await eventsOf(client, namespace);
      return found.length > 0 ? found : undefined;
    });
    const shown = (await client.get(route)) as unknown as { metadata: { uid: string } };
    expect(events[0]).toMatchObject({
      reason: "RefNotPermitted",
      type: "Warning",
      regarding: { kind: "TCPRoute", name: "db", uid: shown.metadata.uid },
    });

    // Another refusal comes after whatever the second agent would have added.
    await client.apply(routeOf(namespace, "later", { name: "db", namespace: foreign }, 6379));
    const all = await eventually("a second Event", async () => {
      const found = await eventsOf(client, namespace);
      return found.some(({ regarding }) => regarding.name === "later") ? found : undefined;
    });
    expect(all.map(({ regarding }) => regarding.name).sort()).toEqual(["db", "later"]);
  });

  it("says once what it may not do, and discovery goes on", async () => {
    const api = await start({ bundle: NEWEST });
    const { client } = api;
    const namespace = await client.createNamespace("feedback");
    const gateway = gatewayOf(namespace, "somebody-elses");
    await client.apply(gateway, ...readerOf(namespace));
    const token = await client.createToken(namespace, "reader");
    const folder = await mkdtemp(join(tmpdir(), "culvert-feedback-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const kubeconfig = join(folder, "kubeconfig");
    await writeFile(kubeconfig, client.kubeconfigFor({ token }));
    const { hub, agents, publish } = await startAgents(kubeconfig, "annotations");

    const warnings = () =>
      agents
        .flatMap(readLog)
        .filter(({ level, message }) => level === "warn" && message.startsWith("Feedback"));
    publish(publishedOf(namespace, [`${RELAY}:15001`]));
    await eventually("the warning", async () => warnings()[0]);
    publish(publishedOf(namespace, [`${RELAY}:15002`]));
    await client.apply(gatewayOf(namespace, "somebody-elses", [5432, 6379]));
    const link = await hub.untilUp();
    await hub.until("the new listener", () => {
      return link.messages.some(
        (message) =>
          (message.type === "inventory" || message.type === "inventory_change") &&
          JSON.stringify(message.payload).includes("6379"),
      );
    });
    expect(warnings()).toHaveLength(1);
    const shown = (await client.get(gateway)) as unknown as Shown;
    expect(shown.metadata.annotations?.[ANNOTATION]).toBeUndefined();
  });
});

/** A ServiceAccount that may look at everything and write nothing. */
function readerOf(namespace: string): readonly KubernetesObject[] {
  const name = `reader-${namespace}`;
  const role = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name };
  return [
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name },
      rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["get", "list", "watch"] }],
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name },
      roleRef: role,
      subjects: [{ kind: "ServiceAccount", name: "reader", namespace }],
    },
  ];
}
