import { once } from "node:events";
import { connect, type ClientHttp2Session } from "node:http2";
import { connect as connectTcp } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../harness/process.ts";
import { ANSWER_CASES, type AnswerCase } from "./harness/answer-cases.ts";
import { askByHttp1, askByHttp2, type Asked } from "./harness/answer-clients.ts";
import { expectNothingLeft, expectVerdict } from "./harness/expect-answer.ts";
import { HttpLab } from "./harness/http-lab.ts";
import { exchangeRaw } from "./harness/raw-client.ts";
import { answerOf, ScriptedService } from "./harness/scripted-service.ts";
import { UPGRADE_CASES } from "./harness/upgrade-answer-cases.ts";

const CASE = "/case/";
const upgradePath = (name: string): string => `/upgrade/${encodeURIComponent(name)}`;

const service = new ScriptedService((target) => {
  if (target.startsWith(CASE))
    return ANSWER_CASES[Number(target.slice(CASE.length))]?.script ?? null;
  const upgrade = UPGRADE_CASES.find(({ name }) => target === upgradePath(name));
  return upgrade === undefined ? null : { bytes: upgrade.bytes, then: "close" };
});
/** It speaks before it was asked. */
const eager = new ScriptedService(() => null, answerOf("unasked"));
let lab: HttpLab;
let session: ClientHttp2Session;
let relayPid: number;
let ownCount = 0;

beforeAll(async () => {
  lab = await HttpLab.start({
    services: [
      { name: "hostile", port: await service.start() },
      { name: "eager", port: await eager.start() },
    ],
  });
  session = connect(`http://127.0.0.1:${lab.edgePort}`);
  relayPid = lab.relayPid();
});

afterAll(async () => {
  session.destroy();
  await lab.stop();
  await service.close();
  await eager.close();
});

const nextOwn = (): string => `/own/${(ownCount += 1)}`;

function caseAsked(item: AnswerCase): Asked {
  const { method = "GET" } = item;
  return { path: `${CASE}${ANSWER_CASES.indexOf(item)}`, method };
}

/** The answer to somebody else's request is his own, whatever the service said before. */
async function expectOwnAnswer(): Promise<void> {
  const path = nextOwn();
  const seen = await askByHttp1(lab.site("hostile"), { path }, { next: nextOwn() });
  expect(seen).toMatchObject({ status: 200, body: path });
}

describe("what a service may send back, and what a client gets of it", () => {
  it.each(ANSWER_CASES)("$name, by HTTP/1.1", async (item) => {
    const seen = await askByHttp1(lab.site("hostile"), caseAsked(item), {
      next: nextOwn(),
      isLast: typeof item.verdict === "object" && item.verdict.isLast === true,
    });
    expectVerdict(seen, item.verdict);
    await expectOwnAnswer();
  });

  it.each(ANSWER_CASES)("$name, by HTTP/2", async (item) => {
    const seen = await askByHttp2(session, lab.site("hostile").host, caseAsked(item));
    expectVerdict(seen, item.byHttp2 ?? item.verdict);
    await expectOwnAnswer();
  });
});

describe("an answer to nobody", () => {
  it("behind one that was taken is not the next visitor's", async () => {
    await expectOwnAnswer();
    const kept = [...service.sockets];
    const closed = Promise.all(
      kept.map((socket) => new Promise((resolve) => socket.once("close", resolve))),
    );
    for (const socket of kept) socket.write(answerOf("poisoned"));
    await closed;
    await expectOwnAnswer();
  });

  it("before anybody asked costs the service its connection", async () => {
    for (let n = 0; n < 3; n += 1) {
      const seen = await askByHttp1(lab.site("eager"), { path: nextOwn() }, { next: null });
      expect(seen?.body).toBe("unasked");
      await eventually("the connection is closed", () =>
        Promise.resolve(eager.sockets.size === 0 || undefined),
      );
    }
  });

  it("reaches nobody while many ask at once", async () => {
    const site = lab.site("hostile");
    await Promise.all(
      ANSWER_CASES.flatMap((item) => [
        askByHttp2(session, site.host, caseAsked(item)).then((seen) =>
          expectVerdict(seen, item.byHttp2 ?? item.verdict),
        ),
        expectOwnAnswer(),
      ]),
    );
  });
});

describe("an answer to who asked otherwise", () => {
  it("cut off, is no whole one to a client of HTTP/1.0, which knows no chunks", async () => {
    const { port, host } = lab.site("hostile");
    const item = ANSWER_CASES.find(({ name }) => name === "an end between chunks");
    if (item === undefined) throw new Error("no such case");
    const { path } = caseAsked(item);
    const client = connectTcp({ port, host: "127.0.0.1" });
    client.resume().write(`GET ${path} HTTP/1.0\r\nHost: ${host}\r\n\r\n`);
    await expect(once(client, "end")).rejects.toMatchObject({ code: "ECONNRESET" });
  });

  it.each(UPGRADE_CASES)("for another protocol: $name", async ({ name, wanted, lacks }) => {
    const site = lab.site("hostile");
    const path = upgradePath(name);
    const { bytes } = await exchangeRaw(
      site,
      `GET ${path} HTTP/1.1\r\nHost: ${site.host}\r\nConnection: Upgrade\r\nUpgrade: chat, talk\r\n\r\n`,
      { isEnough: (received) => received.includes("HTTP/1.1 101 ") },
    );
    expect(bytes.toString("latin1")).toMatch(wanted);
    expect(bytes.toString("latin1")).not.toMatch(lacks);
    await expectOwnAnswer();
  });
});

describe("after all of it", () => {
  it("nothing is left behind", async () => {
    expect(session.closed).toBe(false);
    await expectNothingLeft(lab, relayPid);
  });
});
