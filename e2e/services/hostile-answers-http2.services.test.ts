import { connect, type ClientHttp2Session } from "node:http2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../harness/process.ts";
import { askByHttp1, askByHttp2, type Asked } from "./harness/answer-clients.ts";
import {
  HTTP2_ANSWER_CASES,
  type Http2AnswerCase,
  plain,
  push,
} from "./harness/answer-http2-cases.ts";
import { expectNothingLeft, expectVerdict } from "./harness/expect-answer.ts";
import { HttpLab } from "./harness/http-lab.ts";
import { ScriptedHttp2Service } from "./harness/scripted-http2-service.ts";

const CASE = "case ";

const service = new ScriptedHttp2Service((body) => {
  const item = body.startsWith(CASE) ? HTTP2_ANSWER_CASES[Number(body.slice(CASE.length))] : null;
  return item?.script ?? null;
});
/** It has not agreed to do without pushes. */
const pushing = new ScriptedHttp2Service(
  (body) => (body === "push" ? { frames: (id) => [push(id), plain(id)] } : null),
  false,
);
let lab: HttpLab;
let session: ClientHttp2Session;
let relayPid: number;
let ownCount = 0;

beforeAll(async () => {
  lab = await HttpLab.start({
    services: [
      { name: "frames", port: await service.start(), protocol: "h2c" },
      { name: "pushing", port: await pushing.start(), protocol: "h2c" },
    ],
  });
  session = connect(`http://127.0.0.1:${lab.edgePort}`);
  relayPid = lab.relayPid();
});

afterAll(async () => {
  session.destroy();
  await lab.stop();
  await service.close();
  await pushing.close();
});

const post = (body: string): Asked => ({ path: "/", method: "POST", body });
const caseAsked = (item: Http2AnswerCase): Asked =>
  post(`${CASE}${HTTP2_ANSWER_CASES.indexOf(item)}`);

/** The answer to somebody else's request is his own, whatever the service said before. */
async function expectOwnAnswer(): Promise<void> {
  const body = `own ${(ownCount += 1)}`;
  const seen = await askByHttp1(lab.site("frames"), post(body), { next: null });
  expect(seen).toMatchObject({ status: 200, body });
}

describe("what a service may send back by HTTP/2, and what a client gets of it", () => {
  it.each(HTTP2_ANSWER_CASES)("$name, by HTTP/1.1", async (item) => {
    const seen = await askByHttp1(lab.site("frames"), caseAsked(item), { next: null });
    expectVerdict(seen, item.verdict);
    await expectOwnAnswer();
  });

  it.each(HTTP2_ANSWER_CASES)("$name, by HTTP/2", async (item) => {
    const seen = await askByHttp2(session, lab.site("frames").host, caseAsked(item));
    expectVerdict(seen, item.verdict);
    await expectOwnAnswer();
  });

  it("pushes from who has not agreed to do without them are refused", async () => {
    for (let n = 0; n < 10; n += 1) {
      const seen = await askByHttp1(lab.site("pushing"), post("push"), { next: null });
      expectVerdict(seen, { body: "abc" });
    }
    expect(pushing.sockets.size).toBe(1);
    await eventually("each push is refused", () =>
      Promise.resolve(pushing.resets === 10 || undefined),
    );
  });
});

describe("after all of it", () => {
  it("nothing is left behind", async () => {
    expect(session.closed).toBe(false);
    await expectNothingLeft(lab, relayPid);
    // The one that goes on, and those whose end the agent is still told of.
    await eventually("broken connections are closed", () =>
      Promise.resolve(service.sockets.size <= 1 || undefined),
    );
  });
});
