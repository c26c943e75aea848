import { request } from "node:http";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { ADMIN } from "#server/services/testing/setup-services.ts";
import { revokeApiKey } from "#server/services/api-keys/revoke-api-key.ts";
import { createCluster } from "#server/services/clusters/create-cluster.ts";
import { startTestWeb } from "#server/web/testing/start-test-web.ts";

interface Listener {
  readonly text: () => string;
  /** Resolves when the text fits. */
  readonly hears: (fits: (text: string) => boolean) => Promise<string>;
  readonly ended: Promise<void>;
}

async function setup() {
  const web = await startTestWeb();
  onTestFinished(() => web.close());
  const { runtime } = web.web;
  const listen = async (key: string, lastEventId?: string): Promise<Listener> => {
    let text = "";
    let look = (): void => undefined;
    const ended = Promise.withResolvers<void>();
    const sent = request({
      socketPath: join(web.runDir, "web.sock"),
      path: "/api/v1/events",
      agent: false,
      headers: {
        authorization: `Bearer ${key}`,
        ...(lastEventId === undefined ? {} : { "last-event-id": lastEventId }),
      },
    });
    onTestFinished(() => void sent.destroy());
    sent.on("error", () => undefined);
    sent.on("response", (response) => {
      response.setEncoding("utf8");
      response.on("error", () => undefined);
      response.on("close", () => ended.resolve());
      response.on("data", (chunk: string) => {
        text += chunk;
        look();
      });
    });
    sent.end();
    const hears = (fits: (text: string) => boolean): Promise<string> =>
      new Promise((resolve) => {
        look = () => fits(text) && resolve(text);
        look();
      });
    const listener = { text: () => text, hears, ended: ended.promise };
    await hears((heard) => heard.includes("retry:"));
    return listener;
  };
  const make = async (name: string) => {
    await createCluster(runtime, ADMIN, { name });
  };
  return { web, runtime, listen, make, key: await web.createKey("viewer") };
}

const idsOf = (text: string) => [...text.matchAll(/^id: (\S+)$/gm)].map(([, id]) => id ?? "");

describe("GET /api/v1/events", () => {
  it("tells what is done, as it is done", async () => {
    const { listen, make, key } = await setup();
    const listener = await listen(key);
    await make("first");
    const text = await listener.hears((heard) => idsOf(heard).length === 2);
    expect(text).toContain('"action":"cluster.create"');
    expect(text).toContain('"action":"token.create"');
  });

  it("goes on after the last event that was seen, and says none twice", async () => {
    const { listen, make, key } = await setup();
    const first = await listen(key);
    await make("first");
    const [seen] = idsOf(await first.hears((heard) => idsOf(heard).length === 2));
    await make("second");
    const again = await listen(key, seen);
    await make("third");
    const ids = idsOf(await again.hears((heard) => idsOf(heard).length >= 5));
    expect(ids).toEqual([...new Set(ids)].sort());
    expect(ids).not.toContain(seen);
    expect(again.text()).toContain('"third"');
  });

  it("ends at once when its API key is revoked", async () => {
    const { runtime, listen, make, key } = await setup();
    const listener = await listen(key);
    const row = await runtime.db.apiKey.findFirstOrThrow();
    await revokeApiKey(runtime, ADMIN, { id: row.id });
    await listener.ended;
    await make("unseen");
    expect(listener.text()).not.toContain("unseen");
    expect(listener.text()).not.toContain("api_key.revoke");
  });
});
