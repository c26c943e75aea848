import { generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { eventually, findFreePort } from "../../harness/process.ts";
import { ClusterClient } from "./cluster-client.ts";
import type { Command } from "./server-process.ts";

/** What a start may change. */
export interface StartChange {
  /** A new certificate of the same authority, or a new authority with everything below it. */
  readonly renew?: "serving" | "authority";
}

/** The commands of one server whose data lies in one folder. */
export interface ServerCommands {
  readonly kubeconfig: string;
  /** Folders and files that hold etcd's data. */
  readonly data: readonly string[];
  etcd(): Command;
  apiServer(change: StartChange): Command;
  /** Both in one process; null where that is impossible. */
  both(change: StartChange): Command | null;
}

/** Of our own program. */
export function builtCommands(
  program: string,
  dir: string,
  flags: readonly string[],
): ServerCommands {
  const command = (run: string, { renew }: StartChange = {}): Command => ({
    program,
    args: [
      "-dir",
      dir,
      "-run",
      run,
      "-exit-on-stdin-eof",
      ...(renew === undefined ? [] : ["-renew", renew]),
      "--",
      ...flags,
    ],
    untilReady: async (line) => {
      const facts = JSON.parse(await line) as { ready?: boolean };
      if (facts.ready !== true) throw new Error("it said something else than that it is ready");
    },
  });
  return {
    kubeconfig: join(dir, "kubeconfig"),
    data: [join(dir, "etcd")],
    etcd: () => command("etcd"),
    apiServer: (change) => command("apiserver", change),
    both: (change) => command("all", change),
  };
}

/** Of the `kube-apiserver` and `etcd` in a folder, as controller-runtime's tests have them. */
export async function assetCommands(
  folder: string,
  dir: string,
  flags: readonly string[],
): Promise<ServerCommands> {
  const port = await findFreePort();
  const [clientUrl, peerUrl] = [await findFreePort(), await findFreePort()].map(
    (at) => `http://127.0.0.1:${at}`,
  );
  const token = randomBytes(16).toString("hex");
  const signingKey = join(dir, "sa.key");
  const tokens = join(dir, "tokens.csv");
  const kubeconfig = join(dir, "kubeconfig");
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  await writeFile(signingKey, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
  await writeFile(tokens, `${token},admin,admin,system:masters\n`, { mode: 0o600 });
  const certificate = join(dir, "pki", "apiserver.crt");
  const untilReady = async () => {
    await eventually("the API server is ready", async () => {
      if (!existsSync(certificate)) return undefined;
      await writeFile(kubeconfig, await assetKubeconfig(port, token, certificate));
      await chmod(kubeconfig, 0o600);
      const client = new ClusterClient(kubeconfig);
      return client.request("GET", "/readyz").then(
        () => true,
        () => undefined,
      );
    });
  };
  const data = join(dir, "etcd");
  return {
    kubeconfig,
    data: [data],
    etcd: () => ({
      program: join(folder, "etcd"),
      args: [
        `--data-dir=${data}`,
        `--listen-client-urls=${clientUrl}`,
        `--advertise-client-urls=${clientUrl}`,
        `--listen-peer-urls=${peerUrl}`,
        `--initial-advertise-peer-urls=${peerUrl}`,
        `--initial-cluster=default=${peerUrl}`,
        "--unsafe-no-fsync",
        "--log-level=error",
      ],
      // The API server waits for it by itself.
      untilReady: async () => {},
    }),
    apiServer: ({ renew }) => {
      if (renew !== undefined)
        throw new Error("certificates are renewed with the built server only");
      return {
        program: join(folder, "kube-apiserver"),
        args: [
          `--etcd-servers=${clientUrl}`,
          "--bind-address=127.0.0.1",
          `--secure-port=${port}`,
          `--cert-dir=${join(dir, "pki")}`,
          `--token-auth-file=${tokens}`,
          "--service-account-issuer=https://kubernetes.default.svc",
          `--service-account-key-file=${signingKey}`,
          `--service-account-signing-key-file=${signingKey}`,
          "--authorization-mode=RBAC",
          "--service-cluster-ip-range=10.96.0.0/16",
          "--advertise-address=203.0.113.1",
          "--endpoint-reconciler-type=none",
          "--disable-admission-plugins=ServiceAccount",
          "--shutdown-watch-termination-grace-period=1s",
          ...flags,
        ],
        untilReady,
      };
    },
    both: () => null,
  };
}

/** The server signs its own certificate; the file holds the authority too. */
async function assetKubeconfig(port: number, token: string, certificate: string): Promise<string> {
  const authority = await readFile(certificate);
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name: "test",
        cluster: {
          server: `https://127.0.0.1:${port}`,
          "certificate-authority-data": authority.toString("base64"),
        },
      },
    ],
    users: [{ name: "admin", user: { token } }],
    contexts: [{ name: "test", context: { cluster: "test", user: "admin" } }],
    "current-context": "test",
  });
}
