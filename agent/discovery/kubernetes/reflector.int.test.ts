import { describe, expect, it, onTestFinished } from "vitest";
import { parseObject } from "./parse-object.ts";
import { Reflector, type ReflectorTimes } from "./reflector.ts";
import { startScriptedServer, type Exchange } from "./testing/scripted-server.ts";

const TIMES: ReflectorTimes = {
  silenceMs: 5_000,
  watchSeconds: 300,
  retryDelayMs: () => 5,
  deniedDelayMs: () => 30,
  healthyAfterMs: 1_000,
  graceMs: 20,
};

const PATH = "/apis/gateway.networking.k8s.io/v1/gateways";
const gateway = (name: string, version: number, over: object = {}): object => ({
  metadata: { name, namespace: "shop", resourceVersion: String(version) },
  spec: {},
  ...over,
});
const list = (version: number, ...items: readonly object[]): object => ({
  metadata: { resourceVersion: String(version) },
  items,
});
const line = (type: string, object: object): string => `${JSON.stringify({ type, object })}\n`;

/** Answers lists and watches from two scripts; the last entry of each stands for all that follow. */
async function setup(
  script: {
    readonly lists: readonly ((exchange: Exchange) => void)[];
    readonly watches?: readonly ((exchange: Exchange) => void)[];
  },
  times: Partial<ReflectorTimes> = {},
) {
  const lists = [...script.lists];
  const watches = [...(script.watches ?? [])];
  const watchedFrom: string[] = [];
  const counts = { lists: 0, changes: 0 };
  const server = await startScriptedServer((exchange) => {
    const isWatch = exchange.url.searchParams.has("watch");
    if (isWatch) watchedFrom.push(exchange.url.searchParams.get("resourceVersion") ?? "");
    else counts.lists += 1;
    const queue = isWatch ? watches : lists;
    const next = queue.length > 1 ? queue.shift() : queue[0];
    if (next === undefined) exchange.response.flushHeaders();
    else next(exchange);
  });
  const errors: (number | null)[] = [];
  const told: string[] = [];
  const reflector = new Reflector({
    api: server.api,
    path: PATH,
    query: {},
    pageLimit: 2,
    parse: (raw) => parseObject("Gateway", raw),
    times: { ...TIMES, ...times },
    random: () => 0,
    onEvent: (event) => told.push(event),
    onChange: () => (counts.changes += 1),
    onPhase: () => errors.push(reflector.error?.status ?? null),
  });
  onTestFinished(() => reflector.close());
  reflector.start();
  const names = (): string[] =>
    [...reflector.objects.values()].map(({ metadata }) => metadata.name);
  return { server, reflector, names, errors, watchedFrom, counts, told };
}

const ok =
  (body: object) =>
  ({ send }: Exchange): void =>
    send(200, body);
const fail =
  (status: number, headers = {}) =>
  ({ send }: Exchange): void =>
    send(status, { reason: "x" }, headers);
const events =
  (...lines: readonly string[]) =>
  ({ response }: Exchange): void =>
    void response.write(lines.join(""));
const ended =
  (...lines: readonly string[]) =>
  ({ response }: Exchange): void =>
    void response.end(lines.join(""));

const eventually = <T>(value: () => T) => expect.poll(value, { timeout: 15_000, interval: 10 });

describe("Reflector", () => {
  it("lists, then follows what is added, changed and deleted", async () => {
    const { names, watchedFrom, counts, told } = await setup({
      lists: [ok(list(5, gateway("a", 1), gateway("b", 2)))],
      watches: [
        events(
          line("ADDED", gateway("c", 6)),
          line("DELETED", gateway("a", 7)),
          line("BOOKMARK", { metadata: { resourceVersion: "9" } }),
        ),
      ],
    });
    await eventually(names).toEqual(["b", "c"]);
    expect(watchedFrom).toEqual(["5"]);
    expect(counts).toEqual({ lists: 1, changes: 3 });
    expect(told).toEqual(["added", "deleted"]);
  });

  it("says nothing of changes in fields that nobody reads", async () => {
    const { names, counts } = await setup({
      lists: [ok(list(5, gateway("a", 1)))],
      watches: [
        events(line("MODIFIED", gateway("a", 6, { unread: true })), line("ADDED", gateway("b", 7))),
      ],
    });
    await eventually(names).toEqual(["a", "b"]);
    expect(counts.changes).toBe(2);
  });

  it("shows nothing of a list whose pages expire half way, and begins again", async () => {
    const first = { metadata: { resourceVersion: "5", continue: "x" }, items: [gateway("old", 1)] };
    const seen: string[][] = [];
    const { names, reflector } = await setup({
      lists: [ok(first), fail(410), ok(list(6, gateway("new", 2)))],
    });
    await eventually(() => {
      seen.push(names());
      return reflector.hasListed;
    }).toBe(true);
    expect(names()).toEqual(["new"]);
    expect(seen.flat()).not.toContain("old");
  });

  it.each([
    ["500", fail(500)],
    ["a cut-off page", ({ response }: Exchange) => response.destroy()],
    ["nonsense", ({ response }: Exchange) => response.end("<html>")],
  ])(
    "keeps what it has while lists fail with %s, and says so once each way",
    async (_what, broken) => {
      const lists = [ok(list(5, gateway("a", 1))), ...Array.from({ length: 12 }, () => broken)];
      const { names, errors, counts } = await setup({
        lists: [...lists, ok(list(9, gateway("b", 8)))],
        watches: [ended(), events()],
      });
      await eventually(() => errors.length).toBeGreaterThan(1);
      expect(names()).toEqual(["a"]);
      await eventually(names).toEqual(["b"]);
      expect(errors[0]).toBeNull();
      expect(errors.at(-1)).toBeNull();
      expect(counts.lists).toBe(14);
    },
  );

  it("lists again after 410, without calling that a failure", async () => {
    const gone = { kind: "Status", code: 410, reason: "Expired" };
    const { names, errors, watchedFrom } = await setup({
      lists: [ok(list(5, gateway("a", 1))), ok(list(50, gateway("b", 40)))],
      watches: [ended(line("ERROR", gone)), events()],
    });
    await eventually(names).toEqual(["b"]);
    await eventually(() => watchedFrom).toEqual(["5", "50"]);
    expect(errors).toEqual([null]);
  });

  it("follows a server that was restored and counts from a lower number", async () => {
    const { names, watchedFrom } = await setup({
      lists: [ok(list(5_000, gateway("a", 4_000))), ok(list(12, gateway("b", 11)))],
      watches: [ended(), events()],
    });
    await eventually(names).toEqual(["b"]);
    await eventually(() => watchedFrom).toEqual(["5000", "12"]);
  });

  it("keeps its version through a refusal, and does not list all over again", async () => {
    const { errors, watchedFrom, names } = await setup({
      lists: [ok(list(5, gateway("a", 1)))],
      watches: [
        fail(403),
        fail(429, { "retry-after": "0" }),
        events(line("ADDED", gateway("b", 6))),
      ],
    });
    await eventually(names).toEqual(["a", "b"]);
    expect(watchedFrom).toEqual(["5", "5", "5"]);
    expect(errors).toEqual([null, 403, 429, null]);
  });

  it("waits as long as the server asks", async () => {
    const startedAt = performance.now();
    const { reflector } = await setup({
      lists: [fail(429, { "retry-after": "1" }), ok(list(5))],
    });
    await eventually(() => reflector.hasListed).toBe(true);
    expect(performance.now() - startedAt).toBeGreaterThan(990);
  });

  it("opens a watch again that has been silent for too long", async () => {
    const { names, counts } = await setup(
      {
        lists: [ok(list(5, gateway("a", 1))), ok(list(6, gateway("b", 6)))],
        watches: [events(), events(line("ADDED", gateway("c", 7)))],
      },
      { silenceMs: 100 },
    );
    await eventually(names).toContain("b");
    expect(counts.lists).toBeGreaterThan(1);
  });

  it("keeps the last good state of an object that cannot be read any more", async () => {
    const broken = { spec: { listeners: [{ name: "x", port: 0, protocol: "TCP" }] } };
    const { reflector, names, counts } = await setup({
      lists: [ok(list(5, gateway("a", 1), gateway("never", 2, broken)))],
      watches: [events(line("MODIFIED", gateway("a", 6, broken)))],
    });
    await eventually(() => counts.changes).toBe(2);
    expect(names()).toEqual(["a"]);
    expect(reflector.objects.problems().map(({ key }) => key)).toEqual(["shop/a", "shop/never"]);
  });

  it("is silent once closed", async () => {
    const { reflector, counts, server } = await setup({ lists: [ok(list(5, gateway("a", 1)))] });
    await eventually(() => reflector.hasListed).toBe(true);
    await reflector.close();
    await reflector.close();
    server.dropAll();
    expect(counts.lists).toBe(1);
    expect(reflector.error).toBeNull();
  });
});
