import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LiveSocket } from "./live-socket.ts";

/** Records what is emitted and plays what arrives. */
class FakeSocket {
  connected = false;
  readonly sent: [string, readonly string[]][] = [];
  readonly #unanswered: (() => void)[] = [];
  readonly #listeners = new Map<string, ((payload?: unknown) => void)[]>();

  on(event: string, listener: (payload?: unknown) => void): void {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
  }

  emit(event: string, body: { rooms: readonly string[] }, answer: () => void): void {
    this.sent.push([event, body.rooms]);
    this.#unanswered.push(answer);
  }

  answerAll(): void {
    for (const answer of this.#unanswered.splice(0)) answer();
  }

  play(event: string, payload?: unknown): void {
    if (event === "connect") this.connected = true;
    if (event === "disconnect") this.connected = false;
    for (const listener of this.#listeners.get(event) ?? []) listener(payload);
  }
}

function setup() {
  const socket = new FakeSocket();
  const live = new LiveSocket();
  // The fake has the few methods that are used.
  live.attach(socket as unknown as Parameters<LiveSocket["attach"]>[0]);
  return { socket, live };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("rooms", () => {
  it("are entered on connecting and again after an outage", () => {
    const { socket, live } = setup();
    live.enter("fleet");
    expect(socket.sent).toEqual([]);
    socket.play("connect");
    socket.play("disconnect");
    socket.play("connect");
    expect(socket.sent).toEqual([
      ["subscribe", ["fleet"]],
      ["subscribe", ["fleet"]],
    ]);
  });

  it("are left a while after the last one who wanted them, who may leave twice", () => {
    const { socket, live } = setup();
    socket.play("connect");
    const leaveFirst = live.enter("fleet");
    const leaveSecond = live.enter("fleet");
    leaveFirst();
    leaveFirst();
    vi.advanceTimersByTime(10_000);
    expect(socket.sent).toEqual([["subscribe", ["fleet"]]]);
    leaveSecond();
    vi.advanceTimersByTime(10_000);
    expect(socket.sent.at(-1)).toEqual(["unsubscribe", ["fleet"]]);
  });

  it("are not left when somebody enters again at once", () => {
    const { socket, live } = setup();
    socket.play("connect");
    live.enter("fleet")();
    live.enter("fleet");
    vi.advanceTimersByTime(10_000);
    expect(socket.sent).toEqual([["subscribe", ["fleet"]]]);
  });
});

describe("events", () => {
  it("reach those who listen, parsed; what is malformed is dropped", () => {
    const { socket, live } = setup();
    const heard: unknown[] = [];
    const stop = live.on("removed", (payload) => heard.push(payload));
    socket.play("removed", { kind: "tunnel", id: "tn_1", more: true });
    socket.play("removed", { kind: "elephant" });
    stop();
    socket.play("removed", { kind: "tunnel", id: "tn_2" });
    expect(heard).toEqual([{ kind: "tunnel", id: "tn_1" }]);
  });
});

it("calls back when the server has subscribed the page, at first and after an outage", () => {
  const { socket, live } = setup();
  let times = 0;
  live.onSubscribed(() => {
    times += 1;
  });
  live.enter("fleet");
  socket.play("connect");
  expect(times).toBe(0);
  socket.answerAll();
  expect(times).toBe(1);
  socket.play("disconnect");
  socket.play("connect");
  socket.answerAll();
  expect(times).toBe(2);
});
