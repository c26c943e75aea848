import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import packageJson from "../../package.json" with { type: "json" };
import { fillManifest, readAgentManifest } from "./agent-manifest.ts";

const Deployment = z.object({
  spec: z.object({
    template: z.object({
      spec: z.object({
        containers: z.tuple([
          z.object({
            image: z.string(),
            env: z.array(z.object({ name: z.string(), value: z.string().optional() })),
          }),
        ]),
      }),
    }),
  }),
});
const NetworkPolicy = z.object({
  spec: z.object({
    egress: z.array(z.object({ ports: z.array(z.object({ port: z.number() })).optional() })),
  }),
});

function read(text: string) {
  const objects = parseAllDocuments(text).map(
    (document) => document.toJS() as { readonly kind: string },
  );
  const find = (kind: string): unknown => objects.find((object) => object.kind === kind);
  const [container] = Deployment.parse(find("Deployment")).spec.template.spec.containers;
  return {
    kinds: objects.map(({ kind }) => kind).sort(),
    image: container.image,
    url: container.env.find(({ name }) => name === "CULVERT_URL")?.value,
    ports: NetworkPolicy.parse(find("NetworkPolicy")).spec.egress.map(({ ports }) =>
      ports?.map(({ port }) => port),
    ),
  };
}

describe("the agent's manifests, as a server hands them out", () => {
  it.each([
    ["http://culvert.internal:8000", 8000],
    ["https://culvert.example.org", 443],
    ["http://[fd00::1]", 80],
  ])("lead to %s through the network policy", async (publicUrl, port) => {
    const agentImage = "registry.example.com/team/culvert-agent:7";
    const manifest = read(await readAgentManifest({ publicUrl, agentImage }));
    expect(manifest).toMatchObject({ image: agentImage, url: publicUrl });
    expect(manifest.ports).toEqual([[53, 53], [443, 6443], [port], undefined]);
  });

  it("are the whole of what an agent needs, of this version", async () => {
    const agentImage = `culvert-agent:${packageJson.version}`;
    const text = await readAgentManifest({ publicUrl: "https://a.example", agentImage });
    expect(read(text).kinds).toEqual([
      "ClusterRole",
      "ClusterRoleBinding",
      "Deployment",
      "NetworkPolicy",
      "PodDisruptionBudget",
      "ServiceAccount",
    ]);
    expect(text).toContain(`app.kubernetes.io/version: "${packageJson.version}"`);
  });

  it("fail rather than name another server", () => {
    expect(() =>
      fillManifest("kind: Deployment\n", { publicUrl: "https://a.example", agentImage: "a" }),
    ).toThrow();
  });
});
