import { AuditPage } from "#protocol/api/audit.ts";
import { ConnectionPage } from "#protocol/api/connections.ts";
import { startSite, type Site } from "../fixtures/site.ts";
import { expect, signIn, test } from "../fixtures/test.ts";
import { EchoClient } from "../harness/echo-service.ts";
import { eventually } from "../harness/process.ts";

/** A client that comes back again and again, and tells how often nobody let it in. */
function startReconnecting(site: Site): { stop(): Promise<{ tries: number; failures: string[] }> } {
  let isOn = true;
  let tries = 0;
  const failures: string[] = [];
  const work = (async () => {
    while (isOn) {
      tries += 1;
      try {
        const client = await site.connect();
        await client.ask("again");
        client.close();
      } catch (error) {
        failures.push(`try ${tries}: ${String(error)}`);
      }
    }
  })();
  return {
    stop: async () => {
      isOn = false;
      await work;
      return { tries, failures };
    },
  };
}

const force = (site: Site) => [
  { level: "tunnel", path: `/tunnels/${site.tunnelId}` },
  { level: "cluster", path: `/clusters/${site.clusterId}` },
  { level: "fleet", path: "/settings" },
];

async function movesOf(site: Site) {
  const { items } = await site.server.api(AuditPage, `/audit?objectId=${site.tunnelId}`);
  return items
    .filter(({ action }) => action.startsWith("tunnel.direct_"))
    .reverse()
    .map(({ action, actor, after }) => ({
      action,
      by: actor.kind,
      effective: after?.["effective"],
    }));
}

test("switching by annotation, by an operator and by force at each level breaks no connection and turns no client away", async () => {
  test.setTimeout(180_000);
  const site = await startSite();
  try {
    const service = await site.startDirect();
    const through = await EchoClient.connect(site.relay);
    expect(await through.ask("one")).toBe("tunnel");
    await site.annotate("direct");
    await site.inForce("direct");
    const past = await site.connect();
    expect(await past.ask("two")).toBe("direct");
    const bothLive = async () => {
      expect(await through.ask("still there")).toBe("tunnel");
      expect(await past.ask("still there")).toBe("direct");
    };
    await bothLive();
    await eventually("the relay accepts nobody", () =>
      EchoClient.connect(site.relay).then(
        (client) => void client.close(),
        () => true as const,
      ),
    );
    await bothLive();

    const reconnecting = startReconnecting(site);
    for (const mode of ["dual", "tunnel", "direct"] as const) {
      await site.annotate(mode);
      await site.inForce(mode);
      await bothLive();
    }
    for (const mode of ["tunnel", "dual", "direct"] as const) {
      await site.patch(`/tunnels/${site.tunnelId}`, { routingMode: mode });
      await site.inForce(mode);
      await bothLive();
    }
    for (const { path } of force(site)) {
      await site.patch(path, { forceTunnel: true });
      expect(await site.inForce("tunnel")).toBeLessThan(2_000);
      await bothLive();
      await site.patch(path, { forceTunnel: false });
      await site.inForce("direct");
      await bothLive();
    }
    const { tries, failures } = await reconnecting.stop();
    expect(failures).toEqual([]);
    expect(tries).toBeGreaterThan(20);
    // Nothing but the first verification was the system's doing.
    expect(await movesOf(site)).toEqual([
      { action: "tunnel.direct_verified", by: "system", effective: "direct" },
    ]);
    through.close();
    past.close();
    await service.stop();
  } finally {
    await site.destroy();
  }
});

test("a direct address that dies moves the tunnel to the relay within ten seconds, and back when it is stable", async ({
  page,
}) => {
  test.setTimeout(180_000);
  const site = await startSite();
  try {
    const { server } = site;
    const through = await EchoClient.connect(site.relay);
    await site.annotate("direct");
    const service = await site.startDirect();
    await site.inForce("direct");
    await server.admin(["create-user", "--email", "ops@example.com"], "correct horse battery");
    await signIn(server, page);
    await page.goto(`${server.url}/tunnels/${site.tunnelId}`);
    const main = page.getByRole("main");
    await expect(main.getByText(/does not answer steadily|refuses connections/)).toHaveCount(0);

    await service.stop();
    expect(await site.inForce("tunnel")).toBeLessThan(10_000);
    await expect(main.getByText(/refuses connections/).first()).toBeVisible({ timeout: 1_000 });
    const again = await site.connect();
    expect(await again.ask("again")).toBe("tunnel");
    expect(await through.ask("still there")).toBe("tunnel");
    const { routingMode, direct } = await site.tunnel();
    expect(routingMode.reason).toContain("does not answer steadily since");
    expect(direct).toMatchObject({ state: "not_answering", address: site.direct });

    const back = await site.startDirect();
    const backAfterMs = await site.inForce("direct", 40_000);
    expect(backAfterMs).toBeGreaterThan(8_000);
    expect(await again.ask("still there")).toBe("tunnel");
    expect(await through.ask("still there")).toBe("tunnel");
    expect(await (await site.connect()).ask("directly")).toBe("direct");

    const moves = await movesOf(site);
    expect(moves).toEqual([
      { action: "tunnel.direct_verified", by: "system", effective: "direct" },
      { action: "tunnel.direct_lost", by: "system", effective: "tunnel" },
      { action: "tunnel.direct_verified", by: "system", effective: "direct" },
    ]);
    server.killChild("web");
    await eventually("the web process is back", async () => {
      const answer = await fetch(`${server.url}/readyz`).catch(() => undefined);
      return answer?.ok === true ? true : undefined;
    });
    await site.inForce("direct");
    expect(await movesOf(site)).toEqual(moves);
    await back.stop();
  } finally {
    await site.destroy();
  }
});

test("dual serves both ways, and past the agents while none can carry a client", async () => {
  test.setTimeout(120_000);
  const site = await startSite();
  try {
    const service = await site.startDirect();
    await site.annotate("dual");
    await site.inForce("dual");
    const [through, past] = [
      await EchoClient.connect(site.relay),
      await EchoClient.connect(site.direct),
    ];
    expect([await through.ask("1"), await past.ask("1")]).toEqual(["tunnel", "direct"]);
    // An agent that is asked to stop waits for its clients.
    through.close();
    await site.agent.stop();
    const fallback = await EchoClient.connect(site.relay);
    expect(await fallback.ask("2")).toBe("direct");
    await eventually("the connection is shown with its way", async () => {
      const path = `/connections?tunnelId=${site.tunnelId}`;
      const { items } = await site.server.api(ConnectionPage, path);
      const [only] = items;
      return items.length === 1 && only?.via === "direct" && only.agentId === null
        ? true
        : undefined;
    });

    const back = site.startAgent();
    await eventually("an agent carries again", async () => {
      const client = await EchoClient.connect(site.relay);
      const who = await client.ask("3");
      client.close();
      return who === "tunnel" ? true : undefined;
    });
    expect(await fallback.ask("4")).toBe("direct");
    await back.stop();
    await service.stop();
  } finally {
    await site.destroy();
  }
});
