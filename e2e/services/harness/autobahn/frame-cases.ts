import { OPCODE, type FrameSketch } from "../web-socket-frame.ts";
import {
  binary,
  echoed,
  failed,
  HELLO,
  ping,
  pong,
  PROTOCOL_ERROR,
  text,
  type AutobahnCase,
  type Chops,
} from "./case.ts";

const SIZES = [0, 125, 126, 127, 128, 65_535, 65_536, 65_536];
const CHOPPED_SIZE = 7;
const CHOP_BYTES = 997;

const framing = (section: number, make: (payload: string) => FrameSketch): AutobahnCase[] =>
  SIZES.map((size, index) => {
    const isChopped = index === CHOPPED_SIZE;
    const frame = make((section === 1 ? "*" : "~").repeat(size));
    const sketch = {
      id: `1.${section}.${index + 1}`,
      title: `a message of ${size} bytes${isChopped ? ", chopped" : ""}`,
      frames: [frame],
      ...(isChopped ? { chops: CHOP_BYTES } : {}),
    };
    return echoed(sketch, [frame]);
  });

const many = Array.from({ length: 10 }, (_, n) => `payload-${n}`);
const long = Buffer.alloc(125, 0xfe);
const PINGS: readonly AutobahnCase[] = [
  echoed({ id: "2.1", title: "a ping without payload", frames: [ping()] }, [pong()]),
  echoed({ id: "2.2", title: "a ping with text", frames: [ping(HELLO)] }, [pong(HELLO)]),
  echoed(
    {
      id: "2.3",
      title: "a ping with bytes",
      frames: [ping(Buffer.from("00fffefdfcfb00ff", "hex"))],
    },
    [pong(Buffer.from("00fffefdfcfb00ff", "hex"))],
  ),
  echoed({ id: "2.4", title: "a ping of 125 bytes", frames: [ping(long)] }, [pong(long)]),
  failed({ id: "2.5", title: "a ping of 126 bytes", frames: [ping(Buffer.alloc(126, 0xfe))] }),
  echoed({ id: "2.6", title: "a ping of 125 bytes in octets", frames: [ping(long)], chops: 1 }, [
    pong(long),
  ]),
  echoed({ id: "2.7", title: "a pong that nobody asked for", frames: [pong()] }, []),
  echoed({ id: "2.8", title: "such a pong with payload", frames: [pong("unsolicited")] }, []),
  echoed(
    { id: "2.9", title: "such a pong, then a ping", frames: [pong("unsolicited"), ping("ping")] },
    [pong("ping")],
  ),
  echoed({ id: "2.10", title: "ten pings", frames: many.map(ping) }, many.map(pong)),
  echoed(
    { id: "2.11", title: "ten pings in octets", frames: many.map(ping), chops: 1 },
    many.map(pong),
  ),
];

const afterHello = (id: string, title: string, bad: FrameSketch, chops: Chops = "together") =>
  failed({ id, title, frames: [text(HELLO), bad, ping()], chops }, PROTOCOL_ERROR, [text(HELLO)]);
const alone = (id: string, title: string, bad: FrameSketch) => failed({ id, title, frames: [bad] });

const RESERVED: readonly AutobahnCase[] = [
  alone("3.1", "a message with the reserved bits 1", text(HELLO, { reserved: 1 })),
  afterHello("3.2", "a second message with the bits 2", text(HELLO, { reserved: 2 })),
  afterHello("3.3", "one with the bits 3, by frames", text(HELLO, { reserved: 3 }), "frames"),
  afterHello("3.4", "one with the bits 4, in octets", text(HELLO, { reserved: 4 }), 1),
  alone("3.5", "bytes with the bits 5", { ...binary("\0\xff"), reserved: 5 }),
  alone("3.6", "a ping with the bits 6", { ...ping(HELLO), reserved: 6 }),
  alone("3.7", "a close frame with the bits 7", { opcode: OPCODE.close, reserved: 7 }),
];

const unknown = (section: number, first: number): AutobahnCase[] => [
  alone(`4.${section}.1`, `opcode ${first}`, { opcode: first }),
  alone(`4.${section}.2`, `opcode ${first + 1} with payload`, {
    opcode: first + 1,
    payload: HELLO,
  }),
  afterHello(`4.${section}.3`, `opcode ${first + 2} after a message`, { opcode: first + 2 }),
  afterHello(`4.${section}.4`, `opcode ${first + 3} with payload after a message`, {
    opcode: first + 3,
    payload: HELLO,
  }),
  afterHello(
    `4.${section}.5`,
    `opcode ${first + 4} after a message, in octets`,
    { opcode: first + 4 },
    1,
  ),
];

/** Sections 1 to 4: sizes, pings, reserved bits, opcodes. */
export const FRAME_CASES: readonly AutobahnCase[] = [
  ...framing(1, text),
  ...framing(2, binary),
  ...PINGS,
  ...RESERVED,
  ...unknown(1, 3),
  ...unknown(2, 11),
];
