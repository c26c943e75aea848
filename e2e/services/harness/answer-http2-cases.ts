import { encodeFields, type Field } from "#server/relay/edge/testing/hpack.ts";
import { encodeBlock, encodeFrame, FLAG, TYPE } from "#server/relay/edge/testing/http2-frames.ts";
import type { AnswerVerdict, WholeAnswer } from "./answer-cases.ts";
import type { Http2Script } from "./scripted-http2-service.ts";

/** What a client must get of an answer of HTTP/2, however broken or hostile it is. */
export interface Http2AnswerCase {
  readonly name: string;
  readonly script: Http2Script;
  readonly verdict: AnswerVerdict;
}

type Frames = Http2Script["frames"];
type More = Omit<Http2Script, "frames">;

/** What no service has to have: bits of a stream that nobody opened. */
const FAR_STREAM = 0x7fff_fff1;
const OK: Field = [":status", "200"];
const ABC = Buffer.from("abc");

const uint32 = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [at, value] of values.entries()) bytes.writeUInt32BE(value, at * 4);
  return bytes;
};
const head = (id: number, ...fields: Field[]): Buffer => encodeBlock(id, [OK, ...fields], false);
const data = (id: number, bytes: Uint8Array, isEnd = true): Buffer =>
  encodeFrame(TYPE.data, isEnd ? FLAG.endStream : 0, id, bytes);
export const plain = (id: number): Buffer => Buffer.concat([head(id), data(id, ABC)]);
const reset = (id: number, code: number): Buffer =>
  encodeFrame(TYPE.resetStream, 0, id, uint32(code));
const goAway = (last: number, code: number): Buffer =>
  encodeFrame(TYPE.goAway, 0, 0, uint32(last, code));
const window = (id: number, more: number): Buffer =>
  encodeFrame(TYPE.windowUpdate, 0, id, uint32(more));
/** One block in as many frames as it has pieces. */
const pieces = (id: number, blocks: readonly Buffer[]): Buffer[] =>
  blocks.map((block, at) => {
    const isLast = at + 1 === blocks.length;
    return encodeFrame(
      at === 0 ? TYPE.headers : TYPE.continuation,
      isLast ? FLAG.endHeaders : 0,
      id,
      block,
    );
  });
/** A promise, and what was promised. */
export const push = (id: number): Buffer => {
  const fields = encodeFields([
    [":method", "GET"],
    [":scheme", "http"],
    [":authority", "example.test"],
    [":path", "/"],
  ]);
  const frame = encodeFrame(
    TYPE.pushPromise,
    FLAG.endHeaders,
    id,
    Buffer.concat([uint32(id + 1), fields]),
  );
  return Buffer.concat([frame, plain(id + 1)]);
};

const make = (
  name: string,
  frames: Frames,
  verdict: AnswerVerdict,
  more: More = {},
): Http2AnswerCase => ({ name, script: { frames, ...more }, verdict });
const failed = (name: string, frames: Frames, more?: More) => make(name, frames, "failed", more);
const broken = (name: string, frames: Frames, more?: More) =>
  make(name, frames, "failed or cut", more);
const whole = (name: string, frames: Frames, answer: Partial<WholeAnswer> = {}, more?: More) =>
  make(name, frames, { body: "abc", ...answer }, more);
/** A head of these fields alone, and a body. */
const of = (...fields: Field[]): Frames => {
  return (id) => [encodeBlock(id, fields, false), data(id, ABC)];
};

const LENGTHS: readonly Http2AnswerCase[] = [
  broken("a body longer than its length", (id) => [
    head(id, ["content-length", "3"]),
    data(id, Buffer.from("abcdef")),
  ]),
  broken("a body longer than its length in a frame of its own", (id) => [
    head(id, ["content-length", "3"]),
    data(id, ABC, false),
    data(id, ABC),
  ]),
  broken("a body shorter than its length", (id) => [
    head(id, ["content-length", "10"]),
    data(id, ABC),
  ]),
  broken("a length, and no body", (id) => [encodeBlock(id, [OK, ["content-length", "3"]], true)]),
  failed("two different lengths", of(OK, ["content-length", "3"], ["content-length", "4"])),
  failed("two equal lengths", of(OK, ["content-length", "3"], ["content-length", "3"])),
  failed("a length as a list", of(OK, ["content-length", "3, 3"])),
  failed("a length with a plus", of(OK, ["content-length", "+3"])),
  failed("a length past 64 bits", of(OK, ["content-length", "18446744073709551619"])),
  failed("a length of 40 digits", of(OK, ["content-length", `${"0".repeat(39)}3`])),
  failed("204 with a length", of([":status", "204"], ["content-length", "3"])),
  whole("a length that is right", of(OK, ["content-length", "3"]), { has: ["content-length: 3"] }),
];

const FIELDS: readonly Http2AnswerCase[] = [
  failed("no status", of(["x-a", "b"])),
  failed("two statuses", of(OK, OK)),
  failed("an empty status", of([":status", ""])),
  failed("the status 000", of([":status", "000"])),
  failed("the status 099", of([":status", "099"])),
  failed("the status 101", of([":status", "101"])),
  failed("the status 1000", of([":status", "1000"])),
  failed("a status in words", of([":status", "two"])),
  failed("a status behind another field", of(["x-a", "b"], OK)),
  failed("a path in an answer", of(OK, [":path", "/"])),
  failed("a pseudo field that nobody knows", of(OK, [":hidden", "1"])),
  failed("a name in capitals", of(OK, ["X-A", "b"])),
  failed("connection", of(OK, ["connection", "close"])),
  failed("keep-alive", of(OK, ["keep-alive", "timeout=5"])),
  failed("proxy-connection", of(OK, ["proxy-connection", "close"])),
  failed("transfer-encoding", of(OK, ["transfer-encoding", "chunked"])),
  failed("upgrade", of(OK, ["upgrade", "x"])),
  failed("a field of 64 KiB", (id) => [head(id, ["x-a", "b".repeat(65_536)]), data(id, ABC)]),
  failed("4,000 fields", (id) => [
    encodeBlock(id, [OK, ...Array.from({ length: 4_000 }, (): Field => ["x-a", "b"])], false),
    data(id, ABC),
  ]),
  // nghttp2 drops such fields and takes the rest.
  whole("a line break in a value", of(OK, ["x-a", "b\r\nx-other: 1"]), { lacks: /x-other/ }),
  whole("a NUL in a value", of(OK, ["x-a", "b\0x-other"]), { lacks: /x-other/ }),
  whole("a line break in a name", of(OK, ["x-a: b\r\nx-other", "1"]), { lacks: /x-other/ }),
  whole("an empty name", of(OK, ["", "x-other"]), { lacks: /x-other/ }),
  whole("a word that only the edge says", of(OK, ["culvert-error", "no_route"]), {
    lacks: /culvert-error/,
  }),
  whole("a value with a byte above ASCII", of(OK, ["x-a", "\xe4"]), { has: ["x-a: \xe4"] }),
];

const ORDER: readonly Http2AnswerCase[] = [
  failed("a body before its head", (id) => [data(id, ABC)]),
  broken("two heads", (id) => [head(id), head(id), data(id, ABC)]),
  broken("a status in trailers", (id) => [
    head(id),
    data(id, ABC, false),
    encodeBlock(id, [OK], true),
  ]),
  broken("trailers that do not end the stream", (id) => [
    head(id),
    data(id, ABC, false),
    encodeBlock(id, [["x-a", "b"]], false),
    data(id, ABC),
  ]),
  broken("connection in trailers", (id) => [
    head(id),
    data(id, ABC, false),
    encodeBlock(id, [["connection", "close"]], true),
  ]),
  whole(
    "trailers that belong into a head, which are dropped",
    (id) => [
      head(id, ["trailer", "x-sum"]),
      data(id, ABC, false),
      encodeBlock(
        id,
        [
          ["host", "x-other"],
          ["culvert-error", "x-other"],
          ["x-sum", "1"],
        ],
        true,
      ),
    ],
    { lacks: /x-other/, trailers: ["x-sum: 1"] },
  ),
  make("a head behind the end", (id) => [plain(id), head(id)], "whole or cut"),
  make("a body behind the end", (id) => [plain(id), data(id, ABC)], "whole or cut"),
  failed("a push", (id) => [push(id), plain(id)]),
  failed("an answer to a stream that nobody opened", (id) => [plain(FAR_STREAM), plain(id)]),
  failed("an answer to the stream of the connection", (id) => [head(0), plain(id)]),
  whole(
    "an answer behind interim ones",
    (id) => [
      encodeBlock(id, [[":status", "100"]], false),
      encodeBlock(
        id,
        [
          [":status", "103"],
          ["x-a", "b"],
        ],
        false,
      ),
      plain(id),
    ],
    { interim: [100, 103] },
  ),
  failed("an interim answer that ends the stream", (id) => [
    encodeBlock(id, [[":status", "103"]], true),
  ]),
  failed("interim answers without end", () => [], {
    endless: (id) => [
      encodeBlock(
        id,
        [
          [":status", "103"],
          ["x-a", "b"],
        ],
        false,
      ),
    ],
  }),
];

/** All that there are, NO_ERROR to HTTP_1_1_REQUIRED. */
const CODES = Array.from({ length: 14 }, (_, code) => code);
const ENDS: readonly Http2AnswerCase[] = [
  ...CODES.map((code) =>
    failed(`a reset with the code ${code} instead of an answer`, (id) => [reset(id, code)]),
  ),
  // Node lets a stream that was reset with NO_ERROR end like one that is whole, and nobody can tell them apart.
  whole("a reset with the code 0 within a body", (id) => [
    head(id),
    data(id, ABC, false),
    reset(id, 0),
  ]),
  ...CODES.slice(1).map((code) =>
    broken(`a reset with the code ${code} within a body`, (id) => [
      head(id),
      data(id, ABC, false),
      reset(id, code),
    ]),
  ),
  failed("a goodbye instead of an answer", () => [goAway(0, 0)], { then: "close" }),
  failed("a goodbye with an error", (id) => [goAway(id, 2)]),
  broken(
    "a goodbye within a body, then the end",
    (id) => [head(id), data(id, ABC, false), goAway(id, 0)],
    {
      then: "close",
    },
  ),
  whole("a goodbye within a body, then the rest", (id) => [head(id), goAway(id, 0), data(id, ABC)]),
  failed("an end without a word", () => [], { then: "close" }),
  failed("a reset of the connection without a word", () => [], { then: "reset" }),
  broken("an end within a head", (id) => [head(id).subarray(0, 12)], { then: "close" }),
  broken("an end within a body", (id) => [head(id), data(id, ABC, false)], { then: "close" }),
  failed("an answer by HTTP/1.1", () => [
    Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"),
  ]),
  failed("a frame larger than allowed", (id) => [
    encodeFrame(TYPE.data, 0, id, Buffer.alloc(16_385)),
  ]),
  failed("a block that is no HPACK", (id) => [
    encodeFrame(
      TYPE.headers,
      FLAG.endHeaders,
      id,
      Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
    ),
  ]),
];

const FLOODS: readonly Http2AnswerCase[] = [
  failed(
    "a head without end",
    (id) => pieces(id, [encodeFields([OK]), Buffer.alloc(0)]).slice(0, 1),
    {
      endless: (id) => [encodeFrame(TYPE.continuation, 0, id, encodeFields([["x-a", "b"]]))],
    },
  ),
  failed("a head of empty pieces without end", (id) => [encodeFrame(TYPE.headers, 0, id)], {
    endless: (id) => [encodeFrame(TYPE.continuation, 0, id)],
  }),
  make(
    "10,000 settings before the answer",
    (id) => [...Array.from({ length: 10_000 }, () => encodeFrame(TYPE.settings, 0, 0)), plain(id)],
    "whole or failed",
  ),
  make(
    "10,000 pings before the answer",
    (id) => [
      ...Array.from({ length: 10_000 }, () => encodeFrame(TYPE.ping, 0, 0, Buffer.alloc(8))),
      plain(id),
    ],
    "whole or failed",
  ),
  failed("a window of the stream past its bound", (id) => [window(id, 0x7fff_ffff), plain(id)]),
  failed("a window of the connection past its bound", (id) => [window(0, 0x7fff_ffff), plain(id)]),
  failed("a window that grows by nothing", (id) => [window(id, 0), plain(id)]),
  whole("10,000 small windows", (id) => [
    ...Array.from({ length: 10_000 }, () => window(0, 1)),
    plain(id),
  ]),
  failed("an initial window past its bound", (id) => [
    encodeFrame(TYPE.settings, 0, 0, Buffer.concat([Buffer.from([0, 4]), uint32(0x8000_0000)])),
    plain(id),
  ]),
  broken("10,000 empty pieces of a body", (id) => [
    head(id),
    ...Array.from({ length: 10_000 }, () => data(id, Buffer.alloc(0), false)),
    data(id, ABC),
  ]),
];

export const HTTP2_ANSWER_CASES: readonly Http2AnswerCase[] = [
  ...LENGTHS,
  ...FIELDS,
  ...ORDER,
  ...ENDS,
  ...FLOODS,
];
