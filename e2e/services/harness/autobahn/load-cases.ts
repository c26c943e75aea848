import { OPCODE, type FrameSketch } from "../web-socket-frame.ts";
import { binary, close, cut, echoed, fragmented, NORMAL, send, text, TOO_BIG } from "./case.ts";
import type { AutobahnCase, Step } from "./case.ts";

const MIB = 1024 ** 2;
/** Of one message at the edge: REQUIREMENTS B9. The list's largest, of 16 MiB, is beyond it. */
const MESSAGE_MAX = 10 * MIB;
const SIZES = [64 * 1024, 256 * 1024, MIB, 4 * MIB, 8 * MIB, 16 * MIB];
const FRAGMENT_SIZES = [64, 256, 1024, 4096, 16 * 1024, 64 * 1024, 256 * 1024, MIB, 4 * MIB];
const CHOP_SIZES = [64, 128, 256, 512, 1024, 2048];
const ROUND_TRIPS: readonly number[] = [0, 16, 64, 256, 1024, 4096];
/** The list has 1,000. */
const ROUND_TRIP_COUNT = 200;

const filled = (bytes: number): Buffer => Buffer.alloc(bytes, "BAsd7&jh23");
const kinds = [
  { offset: 0, opcode: OPCODE.text, make: (payload: Buffer): FrameSketch => text(payload) },
  { offset: 1, opcode: OPCODE.binary, make: (payload: Buffer): FrameSketch => binary(payload) },
] as const;

const tooBig = (id: string, title: string, frames: readonly FrameSketch[]): AutobahnCase => ({
  id,
  title,
  steps: send(frames),
  expected: { frames: [], close: [TOO_BIG] },
});

const LIMIT_CASES: readonly AutobahnCase[] = kinds.flatMap(({ offset, opcode, make }) => [
  ...SIZES.map((bytes, index): AutobahnCase => {
    const frame = make(filled(bytes));
    const sketch = { id: `9.${1 + offset}.${index + 1}`, title: `${bytes} bytes`, frames: [frame] };
    if (bytes > MESSAGE_MAX) return tooBig(sketch.id, sketch.title, sketch.frames);
    return echoed(sketch, [frame]);
  }),
  ...FRAGMENT_SIZES.map((bytes, index) => {
    const payload = filled(4 * MIB);
    const frames = fragmented(opcode, cut(payload, bytes));
    const title = `4 MiB in frames of ${bytes} bytes`;
    return echoed({ id: `9.${3 + offset}.${index + 1}`, title, frames }, [make(payload)]);
  }),
  ...CHOP_SIZES.map((bytes, index) => {
    const frame = make(filled(MIB));
    const title = `1 MiB in pieces of ${bytes} bytes`;
    const id = `9.${5 + offset}.${index + 1}`;
    return echoed({ id, title, frames: [frame], chops: bytes }, [frame]);
  }),
  ...ROUND_TRIPS.map((bytes, index): AutobahnCase => {
    const frame = make(filled(bytes));
    const round = (n: number): Step[] => [...send([frame]), { kind: "frames", count: n + 1 }];
    return {
      id: `9.${7 + offset}.${index + 1}`,
      title: `${ROUND_TRIP_COUNT} round trips of ${bytes} bytes`,
      steps: [
        ...Array.from({ length: ROUND_TRIP_COUNT }, (_, n) => round(n)).flat(),
        ...send([close()]),
      ],
      expected: {
        frames: Array.from({ length: ROUND_TRIP_COUNT }, () => frame),
        close: [NORMAL],
      },
    };
  }),
]);

const FRAGMENTED = filled(65_536);
const AUTO_FRAGMENT_CASES: readonly AutobahnCase[] = [
  echoed(
    {
      id: "10.1.1",
      title: "64 KiB in frames of 1,300 bytes",
      frames: fragmented(OPCODE.text, cut(FRAGMENTED, 1_300)),
    },
    [text(FRAGMENTED)],
  ),
];

/** Sections 9 and 10: sizes, fragments, chops, round trips. */
export const LOAD_CASES: readonly AutobahnCase[] = [...LIMIT_CASES, ...AUTO_FRAGMENT_CASES];

/** The edge's own limit, at it and one above; not of the list. */
export const EDGE_LIMIT_CASES: readonly AutobahnCase[] = [
  echoed({ id: "limit", title: "10 MiB", frames: [binary(filled(MESSAGE_MAX))] }, [
    binary(filled(MESSAGE_MAX)),
  ]),
  tooBig("limit + 1", "10 MiB and a byte", [binary(filled(MESSAGE_MAX + 1))]),
  tooBig("limit + 1, in frames", "10 MiB and a byte in three frames", [
    ...fragmented(OPCODE.binary, [filled(5 * MIB), filled(5 * MIB), filled(1)]),
  ]),
];
