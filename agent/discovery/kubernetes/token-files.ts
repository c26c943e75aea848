import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { KubeConfig } from "@kubernetes/client-node";
import { parse } from "yaml";
import { z } from "zod";

const Users = z.object({
  users: z
    .array(z.object({ name: z.string(), user: z.object({ tokenFile: z.string().optional() }) }))
    .default([]),
});

/**
 * Has the tokens of a kubeconfig's users read from the files that `tokenFile` names: the library drops that field, and the
 * agent would be a stranger to the API server.
 */
export async function useTokenFiles(kubeConfig: KubeConfig, file: string): Promise<void> {
  const parsed = Users.safeParse(parse(await readFile(file, "utf8")));
  const files = new Map(
    (parsed.data?.users ?? []).flatMap(({ name, user: { tokenFile } }) =>
      tokenFile === undefined ? [] : [[name, resolve(dirname(file), tokenFile)]],
    ),
  );
  kubeConfig.users = kubeConfig.users.map((user) => {
    const tokenFile = files.get(user.name);
    if (tokenFile === undefined) return user;
    // As with kubectl, the file wins over a token that stands beside it.
    const authProvider = { name: "tokenFile", config: { tokenFile } };
    return { ...user, token: "", authProvider };
  });
}
