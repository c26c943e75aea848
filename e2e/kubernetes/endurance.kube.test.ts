import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import type { Inventory } from "#protocol/control/inventory.ts";
import { eventually } from "../harness/process.ts";
import { readLog } from "./harness/agent.ts";
import type { ApiServer } from "./harness/api-server.ts";
import { describeKubernetes } from "./harness/describe-kubernetes.ts";
import { FaultyProxy, type Fault } from "./harness/faulty-proxy.ts";
import { findApiServer } from "./harness/find-api-server.ts";
import { installBundle, NEWEST } from "./harness/gateway-api.ts";
import { applyShop, startLab, type Lab } from "./harness/lab.ts";
import { endpointSlice, gateway, route, service } from "./harness/objects.ts";
import { isPublished, type ListenerPlace } from "./harness/seen.ts";

const source = await findApiServer();
/** Retries back off, and a call that hangs is given up after half a minute. */
const RECOVERS_MS = 75_000;
/** Where the agent says that the API server is at fault. */
const API_SERVER = "Kubernetes API";
const TCP_ROUTES = /\/tcproutes$/;

const untilPublished = ({ seen }: Lab, place: ListenerPlace) =>
  seen.until(`${place.namespace} is published`, (last) => isPublished(last, place), RECOVERS_MS);

/** Everything that was ever reported from inventory number `from` on has these tunnels. */
function expectNeverDropped({ seen }: Lab, from: number, places: readonly ListenerPlace[]): void {
  const drops = seen.all
    .slice(from)
    .filter((inventory) => !places.every((place) => isPublished(inventory, place)));
  expect(drops).toEqual([]);
}

const isTroubled = ({ problems }: Inventory): boolean =>
  problems.some(({ where }) => where === API_SERVER);

const untilTroubled = ({ seen }: Lab) =>
  seen.until("trouble with the API server", isTroubled, RECOVERS_MS);

/** All is well again, and the trouble was one line of the log. */
async function untilWell({ seen, agent }: Lab): Promise<void> {
  await seen.until("no trouble any more", (last) => !isTroubled(last), RECOVERS_MS);
  const said = readLog(agent).filter(
    ({ level, where }) => level === "warn" && where === API_SERVER,
  );
  expect(said).toHaveLength(1);
}

/** A published tunnel, and how many inventories it took: what comes later must keep it. */
async function startShopLab(
  api: ApiServer,
  kubeconfig = api.kubeconfig,
): Promise<{ lab: Lab; place: ListenerPlace; from: number }> {
  const place = await applyShop(api);
  const lab = await startLab(kubeconfig);
  await untilPublished(lab, place);
  return { lab, place, from: lab.seen.all.length - 1 };
}

/** Objects of other kinds than TCPRoute: what is seen of them says that the agent works on. */
async function applySite({ client }: ApiServer): Promise<ListenerPlace> {
  const namespace = await client.createNamespace("site");
  await client.apply(
    service(namespace, "web", 80),
    endpointSlice({ namespace, service: "web" }, 80, [{ address: "198.51.100.8" }]),
    gateway(namespace, "site", { listeners: [{ name: "web", port: 80, protocol: "HTTP" }] }),
    route(
      "HTTPRoute",
      { namespace, name: "web" },
      { parents: ["site"], backends: [{ name: "web", port: 80 }] },
    ),
  );
  return { namespace, gateway: "site", port: 80 };
}

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "culvert-credentials-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** In one step, as Kubernetes replaces projected files. */
async function replace(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
}

interface Credentials {
  readonly kubeconfig: string;
  readonly authorityFile: string;
  readonly tokenFile: string;
  readonly namespace: string;
}

/** An agent's credentials as files that may change: a token of the ServiceAccount "first", and the authority. */
async function writeCredentials({ client }: ApiServer): Promise<Credentials> {
  const folder = await makeFolder();
  const [authorityFile, tokenFile] = [join(folder, "ca.crt"), join(folder, "token")];
  const namespace = await client.createNamespace("agent");
  for (const name of ["first", "second"]) await client.allowEverything(namespace, name);
  await replace(tokenFile, await client.createToken(namespace, "first"));
  await replace(authorityFile, client.authority);
  const kubeconfig = join(folder, "kubeconfig");
  const cluster = {
    "certificate-authority-data": undefined,
    "certificate-authority": authorityFile,
  };
  // The library reads `tokenFile` in this place only; it is what it makes of a pod's own token too.
  const user = { "auth-provider": { name: "tokenFile", config: { tokenFile } } };
  await writeFile(kubeconfig, client.kubeconfigFor(user, cluster));
  return { kubeconfig, authorityFile, tokenFile, namespace };
}

describeKubernetes(
  "an agent whose API server",
  source,
  (start) => {
    it("is killed and comes back keeps its tunnels, and sees what changed", async () => {
      const api = await start({ bundle: NEWEST });
      const { lab, place, from } = await startShopLab(api);
      await api.kill();
      await untilTroubled(lab);
      await api.restart();
      await untilPublished(lab, await applyShop(api));
      await untilWell(lab);
      expectNeverDropped(lab, from, [place]);
    });

    it("forgot everything sees what is there now", async () => {
      const api = await start({ bundle: NEWEST });
      const { lab, place } = await startShopLab(api);
      await api.restart({ isEmpty: true });
      await installBundle(api.client, NEWEST);
      const now = await applyShop(api);
      await lab.seen.until(
        "the new tunnel alone",
        (last) => isPublished(last, now) && !isPublished(last, place),
        RECOVERS_MS,
      );
    });

    it("loses etcd for a while keeps its tunnels, and sees what changed", async () => {
      const api = await start({ bundle: NEWEST, hasOwnEtcd: true });
      const { lab, place, from } = await startShopLab(api);
      await api.killEtcd();
      await expect(api.client.request("GET", "/api/v1/namespaces/default")).rejects.toThrow();
      await api.restartEtcd();
      const next = await eventually(
        "the API server takes objects again",
        () => applyShop(api).catch(() => undefined),
        RECOVERS_MS,
      );
      await untilPublished(lab, next);
      expectNeverDropped(lab, from, [place]);
    });

    it("stands still for a while keeps its tunnels, and sees what changed", async () => {
      const api = await start({ bundle: NEWEST });
      const { lab, place, from } = await startShopLab(api);
      api.hold(true);
      await expect(api.client.request("GET", "/readyz")).rejects.toThrow();
      api.hold(false);
      await untilPublished(lab, await applyShop(api));
      expectNeverDropped(lab, from, [place]);
    });
  },
  "own",
);

describeKubernetes(
  "an agent whose credentials change",
  source,
  (start) => {
    it("goes on when the API server has a new certificate", async () => {
      const api = await start({ bundle: NEWEST });
      const { kubeconfig } = await writeCredentials(api);
      const { lab, place, from } = await startShopLab(api, kubeconfig);
      await api.restart({ renew: "serving" });
      await untilPublished(lab, await applyShop(api));
      expectNeverDropped(lab, from, [place]);
    });

    it("goes on when a new authority is written to its file", async () => {
      const api = await start({ bundle: NEWEST });
      const { kubeconfig, authorityFile } = await writeCredentials(api);
      const { lab, place, from } = await startShopLab(api, kubeconfig);
      await api.restart({ renew: "authority" });
      const next = await applyShop(api);
      await replace(authorityFile, api.client.authority);
      await untilPublished(lab, next);
      expectNeverDropped(lab, from, [place]);
    });
  },
  "renewal",
);

// A watch lives on with a token that is worth nothing any more: the restart makes the agent show it again.
describeKubernetes(
  "an agent whose token",
  source,
  (start) => {
    it("is replaced on disk goes on when the old one is refused", async () => {
      const api = await start({ bundle: NEWEST });
      const { kubeconfig, tokenFile, namespace } = await writeCredentials(api);
      const { lab, place, from } = await startShopLab(api, kubeconfig);
      const old = await api.client.createToken(namespace, "first");
      await replace(tokenFile, await api.client.createToken(namespace, "second"));
      await deleteAccount(api, namespace, old);
      await api.restart();
      await untilPublished(lab, await applyShop(api));
      expectNeverDropped(lab, from, [place]);
    });

    it("is worth nothing any more says so, keeps its tunnels, and recovers with a new one", async () => {
      const api = await start({ bundle: NEWEST });
      const { kubeconfig, tokenFile, namespace } = await writeCredentials(api);
      const { lab, place, from } = await startShopLab(api, kubeconfig);
      await deleteAccount(api, namespace, await api.client.createToken(namespace, "first"));
      await api.restart();
      await untilTroubled(lab);
      const next = await applyShop(api);
      // Another ServiceAccount of the same name is not the same one.
      await replace(tokenFile, await api.client.createToken(namespace, "first"));
      await untilPublished(lab, next);
      await untilWell(lab);
      expectNeverDropped(lab, from, [place]);
    });
  },
  "own",
);

/** Deletes the ServiceAccount "first", and waits until its tokens are refused: the server remembers them for a while. */
async function deleteAccount(
  { client }: ApiServer,
  namespace: string,
  token: string,
): Promise<void> {
  await client.delete({
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { namespace, name: "first" },
  });
  const path = "/apis/authentication.k8s.io/v1/tokenreviews";
  await eventually("the token is refused", async () => {
    const review = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token } };
    const { body } = await client.request("POST", path, review);
    const { status } = JSON.parse(body) as { status: { authenticated?: boolean } };
    return status.authenticated === true ? undefined : true;
  });
}

describeKubernetes("an agent that gets no good answer about one kind", source, (_start, share) => {
  const shared = share({ bundle: NEWEST });

  async function startBehindProxy(): Promise<{ proxy: FaultyProxy; kubeconfig: string }> {
    const proxy = await FaultyProxy.start(shared().kubeconfig);
    onTestFinished(() => proxy.close());
    const kubeconfig = join(await makeFolder(), "kubeconfig");
    await writeFile(kubeconfig, proxy.kubeconfig());
    return { proxy, kubeconfig };
  }

  const untilFaulty = (proxy: FaultyProxy, count: number) =>
    eventually(`${count} bad answers`, async () => (proxy.faults >= count ? true : undefined));

  it.each<{ readonly name: string; readonly fault: Fault }>([
    { name: "403", fault: { kind: "status", status: 403 } },
    { name: "410", fault: { kind: "status", status: 410 } },
    { name: "429", fault: { kind: "status", status: 429, retryAfterSeconds: 1 } },
    { name: "500", fault: { kind: "status", status: 500 } },
    { name: "half a list", fault: { kind: "half_list", status: 500 } },
    { name: "half a list that is too old", fault: { kind: "half_list", status: 410 } },
    { name: "no answer at all", fault: { kind: "mute" } },
  ])("but $name keeps its tunnels, follows the others, and recovers", async ({ fault }) => {
    const api = shared();
    const { proxy, kubeconfig } = await startBehindProxy();
    const other = await applyShop(api);
    const { lab, place, from } = await startShopLab(api, kubeconfig);
    proxy.fail(TCP_ROUTES, fault);
    await untilFaulty(proxy, fault.kind === "mute" ? 1 : 2);
    await untilPublished(lab, await applySite(api));
    const changed = await applyShop(api);
    expectNeverDropped(lab, from, [place, other]);

    proxy.heal();
    await untilPublished(lab, changed);
    expectNeverDropped(lab, from, [place, other]);
  });

  it("publishes nothing from a list that it has half read when it starts", async () => {
    const api = shared();
    const { proxy, kubeconfig } = await startBehindProxy();
    const places = [await applyShop(api), await applyShop(api)];
    proxy.fail(TCP_ROUTES, { kind: "half_list", status: 500 });
    const lab = await startLab(kubeconfig);
    await untilFaulty(proxy, 2);
    const shown = (): number[] =>
      lab.seen.all.map(
        (inventory) => places.filter((place) => isPublished(inventory, place)).length,
      );
    expect(shown().every((count) => count === 0)).toBe(true);

    proxy.heal();
    for (const place of places) await untilPublished(lab, place);
    expect(new Set(shown().filter((count) => count > 0))).toEqual(new Set([places.length]));
  });

  it.each<{ readonly name: string; readonly path: RegExp; readonly where: string }>([
    { name: "Gateways are denied", path: /\/gateways$/, where: "gateways" },
    { name: "nothing is allowed", path: /./, where: "api groups" },
  ])("connects and says what it waits for when $name from the start", async ({ path, where }) => {
    const api = shared();
    const { proxy, kubeconfig } = await startBehindProxy();
    const place = await applyShop(api);
    proxy.fail(path, { kind: "status", status: 403 });
    const lab = await startLab(kubeconfig);
    await lab.hub.until("what it waits for", () =>
      lab.hub.links
        .flatMap(({ messages }) => messages)
        .some(
          (message) =>
            message.type === "inventory_pending" &&
            message.payload.problems.some((problem) => problem.where === where),
        ),
    );
    expect(lab.seen.all).toEqual([]);

    proxy.heal();
    await untilPublished(lab, place);
    expect(lab.hub.dials).toBe(1);
  });

  it("starts and follows changes when every answer is slow", async () => {
    const api = shared();
    const { proxy, kubeconfig } = await startBehindProxy();
    proxy.fail(/./, { kind: "slow", delayMs: 1_500 });
    const { lab } = await startShopLab(api, kubeconfig);
    await untilPublished(lab, await applyShop(api));
  });
});
