import { OPCODE, type FrameSketch } from "../web-socket-frame.ts";
import {
  cut,
  echoed,
  failed,
  fragmented,
  INVALID_PAYLOAD,
  KOSME,
  SURROGATE,
  text,
  type AutobahnCase,
} from "./case.ts";
import { UTF8_SECTIONS } from "./utf8-sequences.ts";

const UNICODE = Buffer.from("Hello-µ@ßöäüàá-UTF-8!!");
const TOO_HIGH = Buffer.concat([KOSME, Buffer.from("f4908080656469746564", "hex")]);
const inFrames = (payload: Buffer, ...ends: number[]): readonly FrameSketch[] =>
  fragmented(
    OPCODE.text,
    [...ends, payload.byteLength].map((end, index) => payload.subarray(ends[index - 1] ?? 0, end)),
  );

/** Section 6: text that is UTF-8, and text that is not. */
export const TEXT_CASES: readonly AutobahnCase[] = [
  echoed({ id: "6.1.1", title: "an empty message", frames: [text("")] }, [text("")]),
  echoed(
    { id: "6.1.2", title: "three empty frames", frames: fragmented(OPCODE.text, ["", "", ""]) },
    [text("")],
  ),
  echoed(
    {
      id: "6.1.3",
      title: "a frame between two empty ones",
      frames: fragmented(OPCODE.text, ["", "middle", ""]),
    },
    [text("middle")],
  ),
  echoed({ id: "6.2.1", title: "valid text", frames: [text(UNICODE)] }, [text(UNICODE)]),
  echoed({ id: "6.2.2", title: "valid text in two frames", frames: inFrames(UNICODE, 15) }, [
    text(UNICODE),
  ]),
  echoed(
    {
      id: "6.2.3",
      title: "valid text in frames of an octet",
      frames: fragmented(OPCODE.text, cut(UNICODE, 1)),
    },
    [text(UNICODE)],
  ),
  echoed(
    {
      id: "6.2.4",
      title: "other valid text in frames of an octet",
      frames: fragmented(OPCODE.text, cut(KOSME, 1)),
    },
    [text(KOSME)],
  ),
  failed({ id: "6.3.1", title: "a lone surrogate", frames: [text(SURROGATE)] }, INVALID_PAYLOAD),
  failed(
    {
      id: "6.3.2",
      title: "a lone surrogate in frames of an octet",
      frames: fragmented(OPCODE.text, cut(SURROGATE, 1)),
    },
    INVALID_PAYLOAD,
  ),
  failed(
    {
      id: "6.4.1",
      title: "invalid from the second frame on",
      frames: inFrames(TOO_HIGH, 11, 15),
      chops: "frames",
    },
    INVALID_PAYLOAD,
  ),
  failed(
    {
      id: "6.4.2",
      title: "invalid from the second frame's only octet on",
      frames: inFrames(TOO_HIGH, 12, 13),
      chops: "frames",
    },
    INVALID_PAYLOAD,
  ),
  failed(
    {
      id: "6.4.3",
      title: "invalid within a frame that comes in pieces",
      frames: [text(TOO_HIGH)],
      chops: 17,
    },
    INVALID_PAYLOAD,
  ),
  failed(
    {
      id: "6.4.4",
      title: "invalid within a frame that comes in smaller pieces",
      frames: [text(TOO_HIGH)],
      chops: 9,
    },
    INVALID_PAYLOAD,
  ),
  ...Object.entries(UTF8_SECTIONS).flatMap(([section, sequences]) =>
    sequences.map(({ hex, isValid }, index): AutobahnCase => {
      const frame = text(Buffer.from(hex, "hex"));
      const title = `${isValid ? "valid" : "invalid"} text ${hex.slice(0, 24)}`;
      const sketch = { id: `6.${section}.${index + 1}`, title, frames: [frame] };
      return isValid ? echoed(sketch, [frame]) : failed(sketch, INVALID_PAYLOAD);
    }),
  ),
];
