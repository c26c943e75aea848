import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface DemoPorts {
  readonly postgres: number;
  readonly echo: number;
  readonly web: number;
}

interface Listener {
  readonly protocol: "TCP" | "HTTP";
  readonly name: string;
  readonly port: number;
  readonly service: string;
  /** Where the service really listens, on 127.0.0.1. */
  readonly target: number;
}

interface Gateway {
  readonly namespace: string;
  readonly name: string;
  readonly listeners: readonly Listener[];
}

/** Writes what the demo's agent discovers: the same objects that a cluster would hold. */
export async function writeManifests(folder: string, ports: DemoPorts): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeWhole(
    join(folder, "shop.yaml"),
    describe({
      namespace: "shop",
      name: "edge",
      listeners: [
        {
          protocol: "TCP",
          name: "postgres",
          port: 5432,
          service: "orders-db",
          target: ports.postgres,
        },
        { protocol: "HTTP", name: "site", port: 80, service: "storefront", target: ports.web },
      ],
    }),
  );
  await writeWhole(
    join(folder, "tools.yaml"),
    describe({
      namespace: "tools",
      name: "edge",
      listeners: [{ protocol: "TCP", name: "echo", port: 7, service: "echo", target: ports.echo }],
    }),
  );
}

/** In one step: whoever watches the folder never sees half a file. */
async function writeWhole(path: string, text: string): Promise<void> {
  const draft = `${path}.new`;
  await writeFile(draft, text);
  await rename(draft, path);
}

function describe(gateway: Gateway): string {
  const head =
    "# Written by `npm start` at every start. Change a port or a name, and watch the dashboard follow.\n";
  return (
    head +
    [
      describeGateway(gateway),
      ...gateway.listeners.map((item) => describeListener(gateway, item)),
    ].join("---\n")
  );
}

function describeGateway({ namespace, name, listeners }: Gateway): string {
  const lines = listeners.map(
    ({ name: listener, protocol, port }) => `    - name: ${listener}
      protocol: ${protocol}
      port: ${port}
`,
  );
  return `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata:
  namespace: ${namespace}
  name: ${name}
  labels:
    culvert.dev/managed: "true"
spec:
  gatewayClassName: demo
  listeners:
${lines.join("")}`;
}

function describeListener(gateway: Gateway, listener: Listener): string {
  const { namespace } = gateway;
  const { protocol, name, port, service, target } = listener;
  return `apiVersion: gateway.networking.k8s.io/v1
kind: ${protocol}Route
metadata:
  namespace: ${namespace}
  name: ${service}
spec:
  parentRefs:
    - name: ${gateway.name}
      sectionName: ${name}
  rules:
    - backendRefs:
        - name: ${service}
          port: ${port}
---
apiVersion: v1
kind: Service
metadata:
  namespace: ${namespace}
  name: ${service}
spec:
  ports:
    - name: ${name}
      port: ${port}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  namespace: ${namespace}
  name: ${service}-1
  labels:
    kubernetes.io/service-name: ${service}
addressType: IPv4
ports:
  - name: ${name}
    port: ${target}
endpoints:
  - addresses:
      - 127.0.0.1
    conditions:
      ready: true
`;
}
