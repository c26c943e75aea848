import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { ClusterAccess } from "./cluster-access.ts";

async function setup(user: object) {
  const folder = await mkdtemp(join(tmpdir(), "culvert-access-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const write = (name: string, content: string) => writeFile(join(folder, name), content);
  await write(
    "kubeconfig",
    JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      "current-context": "here",
      contexts: [{ name: "here", context: { cluster: "c", user: "u" } }],
      clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:6443" } }],
      users: [{ name: "u", user }],
    }),
  );
  const access = new ClusterAccess({ kind: "kubeconfig", files: [join(folder, "kubeconfig")] });
  onTestFinished(() => access.close());
  const authorization = async () => (await access.prepare()).options.headers;
  return { access, write, authorization };
}

describe("credentials of a kubeconfig", () => {
  it("are a token that stands in it", async () => {
    const { authorization } = await setup({ token: "fixed" });
    expect(await authorization()).toMatchObject({ Authorization: "Bearer fixed" });
  });

  it("are the token of a file beside it, read again after a refusal", async () => {
    const { access, write, authorization } = await setup({ tokenFile: "token", token: "old" });
    await write("token", "first");
    expect(await authorization()).toMatchObject({ Authorization: "Bearer first" });
    await write("token", "second");
    access.renew();
    expect(await authorization()).toMatchObject({ Authorization: "Bearer second" });
  });

  it("cannot be read when their file is not there", async () => {
    const { authorization } = await setup({ tokenFile: "nowhere" });
    await expect(authorization()).rejects.toMatchObject({ code: "access" });
  });
});
