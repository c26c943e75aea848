import { describe, expect, it } from "vitest";
import {
  createSessionPair,
  type SessionPairOptions,
  type TestEnd,
} from "../testing/session-pair.ts";
import { StreamRecorder } from "../testing/stream-recorder.ts";

const utf8 = (text: string): Uint8Array => Buffer.from(text);

function only<T>(items: readonly T[]): T {
  const [item] = items;
  if (item === undefined || items.length !== 1) throw new Error(`${items.length} instead of 1`);
  return item;
}

function openPair(options: SessionPairOptions = {}) {
  const pair = createSessionPair(options);
  const near = pair.server.session.openStream();
  const nearRecorder = new StreamRecorder(near);
  pair.link.settle();
  const far = only(pair.client.accepted);
  return { ...pair, near, nearRecorder, far };
}

const close = (end: TestEnd): void =>
  end.session.close({ code: "closed_locally", message: "the test is over" });

describe("MuxSession", () => {
  it("carries bytes both ways on a stream that the server opened with an even id", () => {
    const { near, nearRecorder, far, link } = openPair();
    expect(near.id).toBe(2);
    near.write(utf8("question"));
    link.settle();
    const farRecorder = new StreamRecorder(far);
    far.write(utf8("answer"));
    link.settle();
    expect(farRecorder.text).toBe("question");
    expect(nearRecorder.text).toBe("answer");
    expect(nearRecorder.calls).toEqual(["data", "batch"]);
  });

  it("keeps the other half open after an end, and ends with both", () => {
    const { near, nearRecorder, far, link, server, client } = openPair();
    const farRecorder = new StreamRecorder(far);
    near.write(utf8("ask"));
    near.end();
    link.settle();
    expect(farRecorder.calls).toEqual(["data", "end", "batch"]);
    far.write(utf8("told"));
    far.end();
    link.settle();
    expect(nearRecorder.text).toBe("told");
    expect(nearRecorder.end).toBe("ended");
    expect(farRecorder.end).toBe("ended");
    expect([server.session.streamCount, client.session.streamCount]).toEqual([0, 0]);
  });

  it("tells a reset apart from an end", () => {
    const { near, nearRecorder, far, link } = openPair();
    const farRecorder = new StreamRecorder(far);
    near.reset();
    link.settle();
    expect(nearRecorder.calls).toEqual(["close:reset_locally"]);
    expect(farRecorder.calls).toEqual(["close:reset_by_peer"]);
  });

  it("tells every stream when the session closes, then its owner, once", () => {
    const { nearRecorder, far, link, server, client } = openPair();
    const farRecorder = new StreamRecorder(far);
    close(server);
    close(server);
    link.settle();
    expect(nearRecorder.end).toBe("session_closed");
    expect(farRecorder.end).toBe("session_closed");
    expect(server.closes.map(({ code }) => code)).toEqual(["closed_locally"]);
    expect(client.closes.map(({ code }) => code)).toEqual(["transport_closed"]);
  });
});
