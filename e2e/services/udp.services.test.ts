import { Resolver } from "node:dns/promises";
import { readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startUdpEcho, type TestUdpService } from "#agent/testing/services.ts";
import { ClosedCount, ConnectionPage } from "#protocol/api/connections.ts";
import { TunnelDto } from "#protocol/api/tunnels.ts";
import { eventually, findFreePort } from "../harness/process.ts";
import { Crowd } from "./harness/crowd.ts";
import { askByTcp, askByUdp, tell } from "./harness/dns-client.ts";
import { encodeQuery } from "./harness/dns-message.ts";
import { addressOf, HOSTS, nameOf, startDnsmasq, type DnsServer } from "./harness/dnsmasq.ts";
import { hasProgram } from "./harness/external.ts";
import { residentKib } from "./harness/memory.ts";
import { PortLab } from "./harness/port-lab.ts";

const CLIENTS = 50;
const QUESTIONS_EACH = 20;
const SOURCES = 20;
const ASSOCIATIONS = 10_000;
const WARM_UP_ASSOCIATIONS = 200;
/** Relay and agent together; measured at 17 KiB. */
const ASSOCIATION_KIB_MAX = 48;

const hasDns = hasProgram("dnsmasq");
let lab: PortLab;
let echo: TestUdpService;
let dns: DnsServer | null = null;

beforeAll(async () => {
  echo = await startUdpEcho();
  dns = hasDns ? await startDnsmasq() : null;
  const dnsPort = dns?.port ?? 1;
  lab = await PortLab.start([
    { name: "dns", protocol: "UDP", port: 53, target: dnsPort },
    { name: "dns-tcp", protocol: "TCP", port: 53, target: dnsPort },
    { name: "echo", protocol: "UDP", port: 7, target: echo.port },
    { name: "nobody", protocol: "UDP", port: 9, target: await findFreePort() },
  ]);
});

afterAll(async () => {
  await lab.stop();
  await dns?.stop();
  await echo.close();
});

const tunnelNow = (name: string): Promise<TunnelDto> =>
  lab.server.api(TunnelDto, `/tunnels/${lab.tunnel(name).id}`);

describe.skipIf(!hasDns)(
  "dnsmasq behind the relay (skipped where dnsmasq is not installed)",
  () => {
    it(`answers ${CLIENTS} resolvers at once, each its own questions`, async () => {
      const ask = async (client: number): Promise<void> => {
        const resolver = new Resolver({ timeout: 5_000, tries: 2 });
        resolver.setServers([`127.0.0.1:${lab.port("dns")}`]);
        resolver.setLocalAddress(`127.0.100.${client + 1}`);
        for (let n = 0; n < QUESTIONS_EACH; n += 1) {
          const host = (client * 7 + n) % HOSTS;
          expect(await resolver.resolve4(nameOf(host))).toEqual([addressOf(host)]);
        }
        await expect(resolver.resolve4("nowhere.test")).rejects.toMatchObject({
          code: /NOTFOUND|REFUSED/,
        });
      };
      await Promise.all(Array.from({ length: CLIENTS }, (_, client) => ask(client)));
      const { datagrams } = await tunnelNow("dns");
      expect(datagrams?.dropped).toBe(0);
    });

    it("answers over TCP on the same name, too", async () => {
      const answers = await Promise.all(
        Array.from({ length: CLIENTS }, (_, n) =>
          askByTcp(lab.port("dns-tcp"), encodeQuery(n, nameOf(n), "A")),
        ),
      );
      expect(answers.map(({ id }) => id)).toEqual([...answers.keys()]);
      expect(answers.every(({ code, answers: count }) => code === 0 && count === 1)).toBe(true);
    });

    it("sends an answer of EDNS size whole, a truncated one without EDNS, and that whole over TCP", async () => {
      const whole = await askByUdp(lab.port("dns"), encodeQuery(1, "big.test", "TXT", 1_232));
      expect(whole).toMatchObject({ isTruncated: false, code: 0, answers: 1 });
      expect(whole.bytes).toBeGreaterThan(900);
      const short = await askByUdp(lab.port("dns"), encodeQuery(2, "big.test", "TXT"));
      expect(short.isTruncated).toBe(true);
      const overTcp = await askByTcp(lab.port("dns-tcp"), encodeQuery(3, "big.test", "TXT"));
      expect(overTcp).toMatchObject({ isTruncated: false, answers: 1 });
    });
  },
);

describe("UDP with a real agent", () => {
  it("says in the API that a port refuses", async () => {
    const { id } = lab.tunnel("nobody");
    tell(lab.port("nobody"), "anybody?");
    const closed = await eventually("the association is closed", async () => {
      const query = `tunnelId=${id}&state=closed`;
      return (await lab.server.api(ConnectionPage, `/connections?${query}`)).items[0];
    });
    expect(closed).toMatchObject({ closeReason: "dial_refused" });
    expect(closed.closeDetail).toContain("ICMP");
  });

  it("carries 10,000 associations at once, and nothing is left of them", async () => {
    const crowd = new Crowd(lab.port("echo"));
    const { id } = lab.tunnel("echo");
    const closeAll = (tunnelId: string) =>
      lab.server.api(ClosedCount, `/connections?tunnelId=${tunnelId}`, { method: "DELETE" });
    // The agent's sessions are for all of its tunnels together.
    await closeAll(lab.tunnel("dns").id);
    const openSockets = () => readdirSync(`/proc/${lab.agentPid()}/fd`).length;
    const pids = [lab.relayPid(), lab.agentPid()];
    const warmUp = new Crowd(lab.port("echo"));
    await warmUp.gather(1, WARM_UP_ASSOCIATIONS);
    await warmUp.ask(30_000);
    await closeAll(id);
    warmUp.close();
    await eventually("the first ones are gone", async () => (await isQuiet(id)) || undefined);
    const socketsBefore = openSockets();
    const kibBefore = residentKib(pids);

    await crowd.gather(SOURCES, ASSOCIATIONS / SOURCES);
    await crowd.ask(90_000);
    expect(crowd.answered).toBe(ASSOCIATIONS);
    expect(crowd.wrong).toBe(0);
    await eventually("the API counts all of them", async () => {
      const { connections } = await tunnelNow("echo");
      return connections.open === ASSOCIATIONS ? connections : undefined;
    });
    const kibEach = (residentKib(pids) - kibBefore) / ASSOCIATIONS;
    process.stdout.write(
      `memory of a UDP association, relay and agent: ${kibEach.toFixed(1)} KiB\n`,
    );
    expect(kibEach).toBeLessThan(ASSOCIATION_KIB_MAX);

    expect((await closeAll(id)).closed).toBe(ASSOCIATIONS);
    await eventually("the API counts none", async () => (await isQuiet(id)) || undefined);
    await eventually("the agent has closed their sockets", () =>
      Promise.resolve(openSockets() <= socketsBefore || undefined),
    );
    crowd.close();
  });
});

async function isQuiet(id: string): Promise<boolean> {
  const { connections } = await lab.server.api(TunnelDto, `/tunnels/${id}`);
  return connections.open === 0;
}
