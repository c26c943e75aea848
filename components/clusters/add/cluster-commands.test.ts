import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import {
  helmCommands,
  isInRegistry,
  isOnlyLocal,
  kubectlCommands,
  parseImage,
} from "./cluster-commands.ts";

const OPTIONS = {
  publicUrl: "https://culvert.example.com/",
  token: "cvt_abc",
  agentImage: "culvert-agent:0.1.0",
};

/** Each program that a shell starts, with its arguments. */
function runInShell(commands: string): string[] {
  const show = 'show() { printf "%s|" "$@"; echo; }';
  const script = `${show}; kubectl() { show kubectl "$@"; }; helm() { show helm "$@"; }; ${commands}`;
  return execFileSync("sh", ["-c", script], { encoding: "utf8" }).trim().split("\n");
}

describe("the commands that connect a cluster", () => {
  it("are three with kubectl: a namespace, the token, the manifests of this server", () => {
    expect(runInShell(kubectlCommands(OPTIONS))).toEqual([
      "kubectl|create|namespace|culvert|",
      "kubectl|-n|culvert|create|secret|generic|culvert-agent|--from-literal=token=cvt_abc|",
      "kubectl|apply|-f|https://culvert.example.com/deploy/agent.yaml|",
    ]);
  });

  it("keep the token out of Helm's values", () => {
    const [, , helm] = runInShell(helmCommands(OPTIONS));
    expect(helm).toBe(
      "helm|upgrade|--install|culvert-agent|https://culvert.example.com/deploy/culvert-agent.tgz|--namespace|culvert|" +
        "--set|server.url=https://culvert.example.com|--set|token.existingSecret=culvert-agent|",
    );
  });

  it("name the image where the installation has one in a registry", () => {
    const agentImage = "registry.example.com:5000/team/culvert-agent:7@sha256:abc";
    const [, , helm] = runInShell(helmCommands({ ...OPTIONS, agentImage }));
    expect(helm).toContain(
      "|--set|image.repository=registry.example.com:5000/team/culvert-agent|--set|image.tag=7|--set|image.digest=sha256:abc|",
    );
  });

  it("hand a strange token to the shell as one word", () => {
    const [, secret] = runInShell(kubectlCommands({ ...OPTIONS, token: "t'$(id) x" }));
    expect(secret).toContain("|--from-literal=token=t'$(id) x|");
  });
});

describe("the reference of an image", () => {
  it.each([
    ["culvert-agent", { repository: "culvert-agent", tag: null, digest: null }],
    ["culvert-agent:1", { repository: "culvert-agent", tag: "1", digest: null }],
    ["localhost:5000/a", { repository: "localhost:5000/a", tag: null, digest: null }],
    ["r.example/a/b:1.2-x", { repository: "r.example/a/b", tag: "1.2-x", digest: null }],
    ["r.example/a@sha256:0f", { repository: "r.example/a", tag: null, digest: "sha256:0f" }],
  ])("is taken apart: %s", (image, parts) => {
    expect(parseImage(image)).toEqual(parts);
  });

  it("is in a registry where it names more than itself", () => {
    expect(isInRegistry("culvert-agent:0.1.0")).toBe(false);
    expect(isInRegistry("ghcr.io/a/culvert-agent")).toBe(true);
  });
});

describe("a server's address", () => {
  it.each(["http://localhost:3000", "http://127.0.0.1", "http://[::1]:3000", "http://a.localhost"])(
    "means nothing in a pod: %s",
    (url) => expect(isOnlyLocal(url)).toBe(true),
  );

  it.each(["https://culvert.example.com", "http://10.0.0.1:3000", "https://localhost.example.com"])(
    "means the same everywhere: %s",
    (url) => expect(isOnlyLocal(url)).toBe(false),
  );
});
