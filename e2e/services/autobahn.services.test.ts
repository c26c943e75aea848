import { WebSocketServer } from "ws";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../harness/process.ts";
import { close, type AutobahnCase } from "./harness/autobahn/case.ts";
import { CLOSING_CASES } from "./harness/autobahn/closing-cases.ts";
import { compressedCases } from "./harness/autobahn/compressed-cases.ts";
import { FRAGMENT_CASES } from "./harness/autobahn/fragment-cases.ts";
import { FRAME_CASES } from "./harness/autobahn/frame-cases.ts";
import { EDGE_LIMIT_CASES, LOAD_CASES } from "./harness/autobahn/load-cases.ts";
import { TEXT_CASES } from "./harness/autobahn/text-cases.ts";
import { HttpLab, type Site } from "./harness/http-lab.ts";
import { startHttpService, type HttpBackend } from "./harness/http-service.ts";
import { describeFrame } from "./harness/web-socket-frame.ts";
import { WebSocketPeer, type Transcript } from "./harness/web-socket-peer.ts";

const MESSAGE_MAX = 32 * 1024 ** 2;
const TOO_BIG = 1009;
const PROTOCOL_CASES = [...FRAME_CASES, ...FRAGMENT_CASES, ...TEXT_CASES, ...CLOSING_CASES];
const COMPRESSED = await compressedCases();

let echo: HttpBackend;
let webSockets: WebSocketServer;
let lab: HttpLab;
let through: Site;
let direct: Site;

beforeAll(async () => {
  echo = await startHttpService();
  webSockets = new WebSocketServer({
    server: echo.server,
    maxPayload: MESSAGE_MAX,
    maxFragments: 0, // The list sends messages of 65,536 frames.
    perMessageDeflate: { threshold: 0 },
  });
  webSockets.on("connection", (socket) => {
    socket.on("error", () => {}); // It closes next, with the code.
    socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  lab = await HttpLab.start({ services: [{ name: "echo", port: echo.port }] });
  through = lab.site("echo");
  direct = { port: echo.port, host: through.host };
});

afterAll(async () => {
  await lab.stop();
  await echo.close();
});

interface Played {
  readonly transcript: Transcript;
  readonly extensions: string;
}

async function play(site: Site, { steps, extensions }: AutobahnCase): Promise<Played> {
  const peer = await WebSocketPeer.open(site, extensions);
  try {
    for (const step of steps) {
      if (step.kind === "frames") await peer.untilFrames(step.count);
      else await peer.send(step.bytes, step.chopBytes);
    }
    return { transcript: await peer.untilEnd(), extensions: peer.extensions };
  } finally {
    peer.destroy();
  }
}

/** What the list wants: the frames, then a close frame with one of the codes, or none where the server just hung up. */
function expectListed({ expected }: AutobahnCase, transcript: Transcript): void {
  if (expected === null) return;
  const frames = transcript.filter((frame) => !frame.startsWith("8 "));
  expect(frames).toEqual(expected.frames.map((frame) => describeFrame(frame)));
  const [closing] = transcript.filter((frame) => frame.startsWith("8 "));
  const [, payload = ""] = closing?.split(": ") ?? [];
  const code = payload === "" ? null : Number.parseInt(payload.slice(0, 4), 16);
  expect(expected.close).toContain(code);
}

const table = (cases: readonly AutobahnCase[]) =>
  cases.map((item) => [item.id, item.title, item] as const);

describe("Autobahn's case list, echoed through the edge", () => {
  it.each(table(PROTOCOL_CASES))("%s: %s", async (_id, _title, item) => {
    const [edge, bare] = await Promise.all([play(through, item), play(direct, item)]);
    expect(edge.transcript).toEqual(bare.transcript);
    expectListed(item, edge.transcript);
  });

  it.each(table([...LOAD_CASES, ...EDGE_LIMIT_CASES]))("%s: %s", async (_id, _title, item) => {
    const { transcript } = await play(through, item);
    expectListed(item, transcript);
    // What is too big for the edge is not for the service, which is not asked for it.
    if (item.expected?.close.includes(TOO_BIG) === true) return;
    expect(transcript).toEqual((await play(direct, item)).transcript);
  });

  it.each(table(COMPRESSED))("%s: %s, compressed", async (_id, _title, item) => {
    const [edge, bare] = await Promise.all([play(through, item), play(direct, item)]);
    expect(edge.extensions).toMatch(/^permessage-deflate/);
    expect(edge).toEqual(bare);
    const echoes = edge.transcript.filter((frame) => frame.includes(" rsv4 "));
    expect(echoes).toHaveLength(item.steps.filter(({ kind }) => kind === "frames").length);
    expect(edge.transcript.at(-1)).toBe(describeFrame(close()));
  });

  it("leaves no connection open", async () => {
    await eventually("the tunnel counts none", async () => {
      const { http } = await lab.tunnelNow();
      return http?.webSocketsOpen === 0 || undefined;
    });
    await eventually(
      "the service has none",
      async () => webSockets.clients.size === 0 || undefined,
    );
  });
});
