import { CodeLine } from "#components/ui/code-line.tsx";
import type { SettingsDto } from "#protocol/api/settings.ts";
import { helmCommands, isInRegistry, isOnlyLocal, kubectlCommands } from "./cluster-commands.ts";

interface InClusterProps {
  readonly tool: "helm" | "kubectl";
  readonly settings: Pick<SettingsDto, "publicUrl" | "agentImage">;
  readonly token: string;
}

/** The commands for a Kubernetes cluster, and what has to be true before they can work. */
export function InCluster({ tool, settings, token }: InClusterProps) {
  const { publicUrl, agentImage } = settings;
  const toCommands = tool === "helm" ? helmCommands : kubectlCommands;
  return (
    <div className="flex flex-col gap-3">
      <p className="text-sm">
        Run these against the cluster. Two pods connect, and publish every Gateway with the label{" "}
        <span className="mono">culvert.dev/managed=true</span>.
      </p>
      <CodeLine what="commands" text={toCommands({ publicUrl, token, agentImage })} />
      {isOnlyLocal(publicUrl) && (
        <p className="text-sm text-warning">
          This server calls itself <span className="mono">{publicUrl}</span>, which no pod can
          reach: set <span className="mono">CULVERT_PUBLIC_URL</span> first.
        </p>
      )}
      {!isInRegistry(agentImage) && (
        <p className="text-xs text-muted">
          <span className="mono text-fg">{agentImage}</span> is in no registry. Build it with{" "}
          <span className="mono text-fg">deploy/docker/agent.Dockerfile</span>, push it to yours or
          load it onto the nodes, and name it to this server in{" "}
          <span className="mono text-fg">CULVERT_AGENT_IMAGE</span>.
        </p>
      )}
    </div>
  );
}
