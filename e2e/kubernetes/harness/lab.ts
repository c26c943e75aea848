import { onTestFinished } from "vitest";
import { TestHub } from "#agent/testing/test-hub.ts";
import type { RunningProgram } from "../../harness/process.ts";
import { startKubernetesAgent, type KubernetesAgentOptions } from "./agent.ts";
import type { ApiServer } from "./api-server.ts";
import { endpointSlice, gateway, route, service } from "./objects.ts";
import { Seen, type ListenerPlace } from "./seen.ts";

export interface Lab {
  readonly hub: TestHub;
  readonly agent: RunningProgram;
  readonly seen: Seen;
}

/** A hub that records what one real agent says about the cluster; both stop when the test is over. */
export async function startLab(
  kubeconfig: string,
  env: KubernetesAgentOptions["env"] = {},
): Promise<Lab> {
  const hub = await new TestHub().listen();
  onTestFinished(() => hub.close());
  const agent = await startKubernetesAgent({ url: hub.url, kubeconfig, env });
  onTestFinished(() => agent.stop());
  return { hub, agent, seen: new Seen(hub) };
}

export interface ShopOptions {
  /** Of the TCPRoute. */
  readonly version?: string;
  /** Where the service really is; nowhere by default. */
  readonly address?: string;
  readonly port?: number;
}

/** Of RFC 5737: for documentation, and never dialled here. */
const NOWHERE = "198.51.100.7";

/** A Gateway "shop" with one TCP listener on 5432 and a backend that is ready, in a namespace of its own. */
export async function applyShop(
  { client }: ApiServer,
  { version = "v1", address = NOWHERE, port = 5432 }: ShopOptions = {},
): Promise<ListenerPlace> {
  const namespace = await client.createNamespace("shop");
  await client.apply(
    service(namespace, "db", 5432),
    endpointSlice({ namespace, service: "db" }, port, [{ address }]),
    gateway(namespace, "shop", { listeners: [{ name: "db", port: 5432 }] }),
    route(
      "TCPRoute",
      { namespace, name: "db", version },
      {
        parents: ["shop"],
        backends: [{ name: "db", port: 5432 }],
      },
    ),
  );
  return { namespace, gateway: "shop", port: 5432 };
}
