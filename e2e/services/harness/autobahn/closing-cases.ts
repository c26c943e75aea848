import { OPCODE, type FrameSketch } from "../web-socket-frame.ts";
import {
  close,
  echoed,
  failed,
  HELLO,
  INVALID_PAYLOAD,
  next,
  NORMAL,
  PROTOCOL_ERROR,
  send,
  SURROGATE,
  text,
  ping,
  type AutobahnCase,
} from "./case.ts";

/** What follows a close frame is nobody's business any more. */
const closed = (
  id: string,
  title: string,
  frames: readonly FrameSketch[],
  code: readonly (number | null)[] = [NORMAL],
): AutobahnCase => ({
  id,
  title,
  steps: send(frames),
  expected: { frames: [], close: code },
});
const EMPTY_CLOSE: FrameSketch = { opcode: OPCODE.close };
const VALID_CODES = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999];
const INVALID_CODES = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999];

/** Section 7: the end. */
export const CLOSING_CASES: readonly AutobahnCase[] = [
  echoed({ id: "7.1.1", title: "a message, then the end", frames: [text(HELLO)] }, [text(HELLO)]),
  closed("7.1.2", "two close frames", [close(), EMPTY_CLOSE]),
  closed("7.1.3", "a ping after the close frame", [close(), ping()]),
  closed("7.1.4", "a message after the close frame", [close(), text(HELLO)]),
  closed("7.1.5", "a close frame within a message", [
    text("fragment1", { isFinal: false }),
    close(),
    next("fragment2"),
  ]),
  {
    id: "7.1.6",
    title: "a large message, a small one and a close frame at once",
    steps: send([
      text("BAsd7&jh23".repeat(26_215).slice(0, 262_144)),
      text(HELLO),
      close(),
      ping(),
    ]),
    expected: null,
  },
  closed("7.3.1", "an empty close frame", [EMPTY_CLOSE], [null, NORMAL]),
  failed({
    id: "7.3.2",
    title: "a close frame of one octet",
    frames: [{ opcode: OPCODE.close, payload: "a" }],
  }),
  closed("7.3.3", "a close frame with a code", [close()]),
  closed("7.3.4", "a close frame with a reason", [close(NORMAL, HELLO)]),
  closed("7.3.5", "a close frame with the longest reason", [close(NORMAL, "*".repeat(123))]),
  failed({
    id: "7.3.6",
    title: "a close frame that is too long",
    frames: [close(NORMAL, "*".repeat(124))],
  }),
  failed(
    { id: "7.5.1", title: "a reason that is not valid text", frames: [close(NORMAL, SURROGATE)] },
    [PROTOCOL_ERROR, INVALID_PAYLOAD],
  ),
  ...VALID_CODES.map((code, index) =>
    closed(`7.7.${index + 1}`, `the code ${code}`, [close(code)], [NORMAL, code]),
  ),
  ...INVALID_CODES.map((code, index) =>
    failed({ id: `7.9.${index + 1}`, title: `the code ${code}`, frames: [close(code)] }),
  ),
  ...[5_000, 65_535].map((code, index) => ({
    ...closed(`7.13.${index + 1}`, `the code ${code}`, [close(code)]),
    expected: null,
  })),
];
