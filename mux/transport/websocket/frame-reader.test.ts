import fc from "fast-check";
import { expect, it } from "vitest";
import { FrameReader } from "./frame-reader.ts";
import { closePayload, type RawFrame, rawFrame } from "./testing/raw-frame.ts";

const KEY = 0x37fa213d;
const MAX_TEXT_BYTES = 70_000;

/** What the reader said, in order; binary payload joined, since its chunking means nothing. */
type Said = readonly [what: string, ...rest: (string | number)[]];

function readAll(chunks: readonly Uint8Array[], role: "client" | "server"): Said[] {
  const said: Said[] = [];
  const reader = new FrameReader({
    role,
    maxTextBytes: MAX_TEXT_BYTES,
    sink: {
      onBinary: (chunk) => {
        const last = said.at(-1);
        const hex = Buffer.from(chunk).toString("hex");
        if (last?.[0] === "binary") said[said.length - 1] = ["binary", `${last[1]}${hex}`];
        else said.push(["binary", hex]);
      },
      onText: (text) => said.push(["text", text]),
      onPing: (payload) => said.push(["ping", Buffer.from(payload).toString("hex")]),
      onCloseFrame: (code, reason) => said.push(["close", code, reason]),
      onFault: (code) => said.push(["fault", code]),
    },
  });
  for (const chunk of chunks) reader.read(Uint8Array.from(chunk));
  return said;
}

const hex = (text: string): string => Buffer.from(text).toString("hex");
const text = (payload: Uint8Array | string, first = 0x81): RawFrame => ({ first, payload });
const PING_A: RawFrame = { first: 0x89, payload: "a" };

/** The cases of the Autobahn test suite that a receiver can get wrong; numbers are the suite's. */
const CASES: readonly (readonly [string, readonly RawFrame[], readonly Said[]])[] = [
  ["1.1.1 empty text", [text("")], [["text", ""]]],
  ["1.1.2 text of 125 bytes", [text("*".repeat(125))], [["text", "*".repeat(125)]]],
  ["1.1.3 text of 126 bytes", [text("*".repeat(126))], [["text", "*".repeat(126)]]],
  ["1.1.5 text of 128 bytes", [text("*".repeat(128))], [["text", "*".repeat(128)]]],
  ["1.1.6 text of 65535 bytes", [text("*".repeat(65535))], [["text", "*".repeat(65535)]]],
  ["1.1.7 text of 65536 bytes", [text("*".repeat(65536))], [["text", "*".repeat(65536)]]],
  ["1.2.1 empty binary", [text("", 0x82)], []],
  [
    "1.2.7 binary of 65536 bytes",
    [text("*".repeat(65536), 0x82)],
    [["binary", "2a".repeat(65536)]],
  ],
  ["2.1 ping without payload", [text("", 0x89)], [["ping", ""]]],
  ["2.2 ping with text", [text("Hello", 0x89)], [["ping", hex("Hello")]]],
  ["2.3 ping with bytes", [text(Uint8Array.of(0, 255, 254), 0x89)], [["ping", "00fffe"]]],
  ["2.4 ping of 125 bytes", [text("x".repeat(125), 0x89)], [["ping", hex("x".repeat(125))]]],
  ["2.5 ping of 126 bytes", [text("x".repeat(126), 0x89)], [["fault", 1002]]],
  ["2.7 unasked pong, empty", [text("", 0x8a), text("b")], [["text", "b"]]],
  ["2.8 unasked pong", [text("p", 0x8a), text("b")], [["text", "b"]]],
  ["3.1 RSV 1", [text("x", 0x91)], [["fault", 1002]]],
  [
    "3.2 RSV 2 after a good text",
    [text("a"), text("x", 0xa1), text("b")],
    [
      ["text", "a"],
      ["fault", 1002],
    ],
  ],
  [
    "3.4 RSV 4 in the middle",
    [text("a"), text("x", 0xc1)],
    [
      ["text", "a"],
      ["fault", 1002],
    ],
  ],
  ["3.5 RSV in binary", [text("x", 0x92 | 0x40)], [["fault", 1002]]],
  ["3.6 RSV in a ping", [text("x", 0xe9)], [["fault", 1002]]],
  ["3.7 all RSV in a close", [text("", 0xf8)], [["fault", 1002]]],
  ...[3, 4, 5, 6, 7, 0xb, 0xc, 0xd, 0xe, 0xf].map(
    (opcode) =>
      [
        `4.x opcode ${opcode}`,
        [text("a"), text("", 0x80 | opcode)],
        [
          ["text", "a"],
          ["fault", 1002],
        ],
      ] as const,
  ),
  ["5.1 fragmented ping", [text("a", 0x09), text("b", 0x80)], [["fault", 1002]]],
  ["5.2 fragmented pong", [text("a", 0x0a), text("b", 0x80)], [["fault", 1002]]],
  ["5.3 text in two fragments", [text("fr", 0x01), text("ag", 0x80)], [["text", "frag"]]],
  [
    "5.6 ping between fragments",
    [text("fr", 0x01), PING_A, text("ag", 0x80)],
    [
      ["ping", "61"],
      ["text", "frag"],
    ],
  ],
  ["5.9 continuation without a beginning", [text("x", 0x80), text("y")], [["fault", 1002]]],
  [
    "5.12 unfinished continuation without a beginning",
    [text("x", 0x00), text("y")],
    [["fault", 1002]],
  ],
  [
    "5.15 continuation after the end",
    [text("a", 1), text("b", 0x80), text("c", 0x00)],
    [
      ["text", "ab"],
      ["fault", 1002],
    ],
  ],
  ["5.18 text begun inside text", [text("a", 0x01), text("b", 0x01)], [["fault", 1002]]],
  ["5.18b binary begun inside text", [text("a", 0x01), text("b", 0x82)], [["fault", 1002]]],
  [
    "5.19 many fragments, pings in between",
    [text("1", 1), text("2", 0), PING_A, text("3", 0), text("4", 0), PING_A, text("5", 0x80)],
    [
      ["ping", "61"],
      ["ping", "61"],
      ["text", "12345"],
    ],
  ],
  [
    "5.20b fragmented binary with a ping inside",
    [text("a", 2), PING_A, text("b", 0x80)],
    [
      ["binary", "61"],
      ["ping", "61"],
      ["binary", "62"],
    ],
  ],
  ["6.1.2 text of empty fragments", [text("", 1), text("", 0), text("", 0x80)], [["text", ""]]],
  ["6.2.1 UTF-8", [text("Hello-µ@ßöäüàá-UTF-8!!")], [["text", "Hello-µ@ßöäüàá-UTF-8!!"]]],
  [
    "6.2.3 UTF-8 cut inside a character",
    [...Buffer.from("κό😀")].map((byte, index, all) =>
      text(Uint8Array.of(byte), (index === 0 ? 1 : 0) | (index === all.length - 1 ? 0x80 : 0)),
    ),
    [["text", "κό😀"]],
  ],
  [
    "6.3.1 invalid UTF-8",
    [text(Buffer.from("cebae1bdb9cf83cebcceb5eda080656469746564", "hex"))],
    [["fault", 1007]],
  ],
  [
    "6.3.2 invalid UTF-8 in fragments",
    [text(Buffer.from("ceba", "hex"), 1), text(Buffer.from("eda080", "hex"), 0x80)],
    [["fault", 1007]],
  ],
  ["6.8.1 lone continuation byte", [text(Uint8Array.of(0x80))], [["fault", 1007]]],
  ["6.10.1 overlong", [text(Uint8Array.of(0xc0, 0xaf))], [["fault", 1007]]],
  ["6.14 truncated sequence", [text(Uint8Array.of(0xf0, 0x9f, 0x98))], [["fault", 1007]]],
  ["6.22 the last code point", [text("\u{10ffff}")], [["text", "\u{10ffff}"]]],
  [
    "7.1.1 close after text",
    [text("a"), text(closePayload(1000), 0x88)],
    [
      ["text", "a"],
      ["close", 1000, ""],
    ],
  ],
  [
    "7.1.2 two closes",
    [text(closePayload(1000), 0x88), text(closePayload(1001), 0x88)],
    [["close", 1000, ""]],
  ],
  ["7.1.3 ping after close", [text("", 0x88), PING_A], [["close", 1005, ""]]],
  [
    "7.1.5 close inside fragments",
    [text("a", 1), text(closePayload(1000), 0x88), text("b", 0x80)],
    [["close", 1000, ""]],
  ],
  ["7.3.2 close of one byte", [text("a", 0x88)], [["fault", 1002]]],
  [
    "7.3.4 close with reason",
    [text(closePayload(1000, "Hello World!"), 0x88)],
    [["close", 1000, "Hello World!"]],
  ],
  [
    "7.3.5 close with reason of 123 bytes",
    [text(closePayload(1000, "*".repeat(123)), 0x88)],
    [["close", 1000, "*".repeat(123)]],
  ],
  [
    "7.3.6 close with reason of 124 bytes",
    [text(closePayload(1000, "*".repeat(124)), 0x88)],
    [["fault", 1002]],
  ],
  [
    "7.5.1 close with invalid UTF-8",
    [text(closePayload(1000, Buffer.from("cebae1bdb9cf83cebcceb5eda080", "hex")), 0x88)],
    [["fault", 1007]],
  ],
  ...[
    1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999,
  ].map(
    (code) =>
      [`7.7 close code ${code}`, [text(closePayload(code), 0x88)], [["close", code, ""]]] as const,
  ),
  ...[0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535].map(
    (code) =>
      [`7.9 close code ${code}`, [text(closePayload(code), 0x88)], [["fault", 1002]]] as const,
  ),
  [
    "9.x text over the bound",
    [text("a"), { first: 0x81, payload: "", declaredBytes: MAX_TEXT_BYTES + 1 }],
    [
      ["text", "a"],
      ["fault", 1009],
    ],
  ],
  [
    "9.x text at the bound",
    [text("*".repeat(MAX_TEXT_BYTES))],
    [["text", "*".repeat(MAX_TEXT_BYTES)]],
  ],
  [
    "9.x fragments over the bound together",
    [text("*".repeat(MAX_TEXT_BYTES), 1), text("*", 0x80)],
    [["fault", 1009]],
  ],
  [
    "9.x a length nobody means",
    [{ first: 0x82, payload: "", declaredBytes: 2 ** 60 }],
    [["fault", 1009]],
  ],
];

it.each(CASES)("%s, both roles, whole and byte by byte", (_name, frames, expected) => {
  for (const role of ["server", "client"] as const) {
    const key = role === "server" ? KEY : null;
    const wire = Buffer.concat(frames.map((frame) => rawFrame({ ...frame, key })));
    expect(readAll([wire], role)).toEqual(expected);
    if (wire.length > 1000) continue;
    expect(
      readAll(
        Array.from(wire, (byte) => Uint8Array.of(byte)),
        role,
      ),
    ).toEqual(expected);
  }
});

it("refuses what is not masked as a server and what is masked as a client", () => {
  expect(readAll([rawFrame({ first: 0x82, payload: "x" })], "server")).toEqual([["fault", 1002]]);
  expect(readAll([rawFrame({ first: 0x82, payload: "x", key: KEY })], "client")).toEqual([
    ["fault", 1002],
  ]);
  // The key zero masks nothing and is a mask all the same.
  expect(readAll([rawFrame({ first: 0x82, payload: "x", key: 0 })], "client")).toEqual([
    ["fault", 1002],
  ]);
});

const frameArbitrary = fc.oneof(
  fc.record({
    kind: fc.constant("binary"),
    parts: fc.array(fc.uint8Array({ maxLength: 200 }), { minLength: 1, maxLength: 4 }),
  }),
  fc.record({
    kind: fc.constant("text"),
    parts: fc.array(
      fc.string().map((part) => Buffer.from(part)),
      { minLength: 1, maxLength: 4 },
    ),
  }),
  fc.record({ kind: fc.constant("ping"), parts: fc.tuple(fc.uint8Array({ maxLength: 125 })) }),
);

it("says the same however the wire is cut", () => {
  fc.assert(
    fc.property(
      fc.array(frameArbitrary, { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 40 }),
      fc.constantFrom("client" as const, "server" as const),
      fc.nat(0xffffffff),
      (messages, cuts, role, maskKey) => {
        const key = role === "server" ? maskKey : null;
        const frames = messages.flatMap(({ kind, parts }) =>
          parts.map((payload, index) => {
            const opcode = index > 0 ? 0 : kind === "binary" ? 2 : kind === "text" ? 1 : 9;
            return rawFrame({
              first: opcode | (index === parts.length - 1 ? 0x80 : 0),
              payload,
              key,
            });
          }),
        );
        const wire = Buffer.concat(frames);
        const chunks: Uint8Array[] = [];
        for (let at = 0, turn = 0; at < wire.length; turn += 1) {
          const size = cuts[turn % cuts.length] ?? 1;
          chunks.push(wire.subarray(at, at + size));
          at += size;
        }
        expect(readAll(chunks, role)).toEqual(readAll([wire], role));
        expect(readAll(chunks, role).some(([what]) => what === "fault")).toBe(false);
      },
    ),
  );
});

it("makes of any bytes frames or one fault, and nothing after the fault", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 6 }), (chunks) => {
      const said = readAll(chunks, "server");
      const fault = said.findIndex(([what]) => what === "fault" || what === "close");
      expect(fault === -1 || fault === said.length - 1).toBe(true);
    }),
  );
});

it("hands binary payload on before its frame is whole", () => {
  const wire = rawFrame({ first: 0x82, payload: "abc", declaredBytes: 2 ** 40, key: KEY });
  expect(readAll([wire], "server")).toEqual([["binary", hex("abc")]]);
});

it("stops in the middle of a chunk when it is told to", () => {
  const said: string[] = [];
  const reader: FrameReader = new FrameReader({
    role: "client",
    maxTextBytes: 100,
    sink: {
      onBinary: () => undefined,
      onText: (heard) => {
        said.push(heard);
        reader.stop();
      },
      onPing: () => undefined,
      onCloseFrame: () => undefined,
      onFault: () => undefined,
    },
  });
  reader.read(
    Buffer.concat([
      rawFrame({ first: 0x81, payload: "a" }),
      rawFrame({ first: 0x81, payload: "b" }),
    ]),
  );
  expect(said).toEqual(["a"]);
});
