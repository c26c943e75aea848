import { OPCODE } from "../web-socket-frame.ts";
import {
  close,
  echoed,
  failed,
  fragmented,
  HELLO,
  next,
  NORMAL,
  ping,
  pong,
  PROTOCOL_ERROR,
  send,
  text,
  type AutobahnCase,
  type Chops,
} from "./case.ts";

const [one, two] = ["fragment1", "fragment2"] as const;
const threeWays = (from: number, make: (id: string, title: string, chops: Chops) => AutobahnCase) =>
  (["together", "frames", 1] as const).map((chops, index) =>
    make(`5.${from + index}`, chops === 1 ? "in octets" : String(chops), chops),
  );

/** Section 5: messages in several frames. */
export const FRAGMENT_CASES: readonly AutobahnCase[] = [
  failed({
    id: "5.1",
    title: "a ping in two frames",
    frames: [{ ...ping(one), isFinal: false }, next(two)],
  }),
  failed({
    id: "5.2",
    title: "a pong in two frames",
    frames: [{ ...pong(one), isFinal: false }, next(two)],
  }),
  ...threeWays(3, (id, how, chops) =>
    echoed(
      {
        id,
        title: `a message in two frames, ${how}`,
        frames: fragmented(OPCODE.text, [one, two]),
        chops,
      },
      [text(one + two)],
    ),
  ),
  ...threeWays(6, (id, how, chops) =>
    echoed(
      {
        id,
        title: `a ping between two frames, ${how}`,
        frames: [text(one, { isFinal: false }), ping("ping"), next(two)],
        chops,
      },
      [pong("ping"), text(one + two)],
    ),
  ),
  ...threeWays(9, (id, how, chops) =>
    failed({
      id,
      title: `a last frame of nothing, ${how}`,
      frames: [next("x"), text(HELLO)],
      chops,
    }),
  ),
  ...threeWays(12, (id, how, chops) =>
    failed({
      id,
      title: `a next frame of nothing, ${how}`,
      frames: [next("x", false), text(HELLO)],
      chops,
    }),
  ),
  failed(
    {
      id: "5.15",
      title: "a message in two frames, then a next frame of nothing",
      frames: [...fragmented(OPCODE.text, [one, two]), next("fragment3", false), text("fragment4")],
    },
    PROTOCOL_ERROR,
    [text(one + two)],
  ),
  ...[false, true].map((isFinal, index) =>
    failed({
      id: `5.${16 + index}`,
      title: `twice a ${isFinal ? "last" : "next"} frame of nothing, then a message in two`,
      frames: [0, 1].flatMap(() => [
        next("fragment1", isFinal),
        text("fragment2", { isFinal: false }),
        next("fragment3"),
      ]),
    }),
  ),
  failed({
    id: "5.18",
    title: "a message within a message",
    frames: [text(one, { isFinal: false }), text(two)],
  }),
  ...(["together", "frames"] as const).map((chops, index): AutobahnCase => {
    const pings = ["pongme 1!", "pongme 2!"] as const;
    const open = [text("fragment1", { isFinal: false }), next("fragment2", false), ping(pings[0])];
    const rest = [
      next("fragment3", false),
      next("fragment4", false),
      ping(pings[1]),
      next("fragment5"),
    ];
    return {
      id: `5.${19 + index}`,
      title: `pings within a message that waits for them, ${chops}`,
      steps: [
        ...send(open, chops),
        { kind: "frames", count: 1 },
        ...send(rest, chops),
        { kind: "frames", count: 3 },
        ...send([close()]),
      ],
      expected: {
        frames: [
          pong(pings[0]),
          pong(pings[1]),
          text("fragment1fragment2fragment3fragment4fragment5"),
        ],
        close: [NORMAL],
      },
    };
  }),
];
