import { constants, createDeflateRaw, type DeflateRaw } from "node:zlib";
import { OPCODE } from "../web-socket-frame.ts";
import { close, cut, fragmented, send, type AutobahnCase, type Step } from "./case.ts";

/** Message and frame sizes of sections 12 and 13; a frame size of 0 sends messages in one. */
const COMPRESSED_SIZES: readonly (readonly [number, number])[] = [
  [16, 0],
  [64, 0],
  [256, 0],
  [1_024, 0],
  [4_096, 0],
  [8_192, 0],
  [16_384, 0],
  [32_768, 0],
  [65_536, 0],
  [131_072, 0],
  [8_192, 256],
  [16_384, 256],
  [32_768, 256],
  [65_536, 256],
  [131_072, 256],
  [131_072, 1_024],
  [131_072, 4_096],
  [131_072, 32_768],
];
/** Messages of a case: as many as make so many bytes, within bounds. The list has 1,000, of the largest 131 MB. */
const COMPRESSED_BYTES = 512 * 1024;
const COMPRESSED_COUNT = { min: 3, max: 100 };

/** Stands for the list's files: JSON, a picture, prose, HTML, a PDF. Different enough to compress differently. */
const CONTENTS: readonly ((n: number) => string)[] = [
  (n) => `{"id":${n},"name":"item ${n % 97}","tags":["a","b"],"price":${(n * 31) % 1_000}},`,
  (n) => String.fromCharCode(32 + ((n * 7 + (n >> 3)) % 90), 32 + ((n * 13) % 90)),
  (n) => `Habe nun, ach! Philosophie, Juristerei und Medizin ${n % 13}. `,
  (n) => `<tr><td class="c${n % 7}">${n}</td><td>row</td></tr>`,
  (n) => ((n * 2_654_435_761) >>> 0).toString(36),
];

/** What is offered, of section 13; section 12 has the first of them. */
const OFFERS = [
  "permessage-deflate; client_no_context_takeover; client_max_window_bits",
  "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
  "permessage-deflate; server_max_window_bits=9; client_max_window_bits",
  "permessage-deflate; server_max_window_bits=15; client_max_window_bits",
  "permessage-deflate; server_no_context_takeover; server_max_window_bits=9; client_max_window_bits",
  "permessage-deflate; server_no_context_takeover; server_max_window_bits=15; client_max_window_bits",
  "permessage-deflate; server_no_context_takeover; server_max_window_bits=9, permessage-deflate; server_no_context_takeover, permessage-deflate",
];

const TAIL_BYTES = 4;
const COMPRESSED = 4;

/** A message's bytes as permessage-deflate wants them: flushed, without the four that every flush ends with. */
async function deflate(payload: Buffer): Promise<Buffer> {
  const deflater: DeflateRaw = createDeflateRaw({ windowBits: 9, level: 6 });
  const parts: Buffer[] = [];
  deflater.on("data", (part: Buffer) => parts.push(part));
  await new Promise<void>((resolve, reject) => {
    deflater.on("error", reject);
    deflater.write(payload);
    deflater.flush(constants.Z_SYNC_FLUSH, () => resolve());
  });
  deflater.close();
  const bytes = Buffer.concat(parts);
  return bytes.subarray(0, bytes.byteLength - TAIL_BYTES);
}

function contentOf(kind: number, bytes: number): Buffer {
  const make = CONTENTS[kind] ?? String;
  let content = "";
  for (let n = 0; content.length < bytes; n += 1) content += make(n);
  return Buffer.from(content.slice(0, bytes));
}

interface CompressedSketch {
  readonly id: string;
  readonly content: number;
  readonly offer: string;
  readonly bytes: number;
  readonly frameBytes: number;
}

async function compressedCase(sketch: CompressedSketch): Promise<AutobahnCase> {
  const { id, content, offer, bytes, frameBytes } = sketch;
  const packed = await deflate(contentOf(content, bytes));
  const parts = frameBytes === 0 ? [packed] : cut(packed, frameBytes);
  const [first, ...rest] = fragmented(OPCODE.text, parts);
  if (first === undefined) throw new Error("no frames");
  const frames = [{ ...first, reserved: COMPRESSED }, ...rest];
  const { min, max } = COMPRESSED_COUNT;
  const count = Math.max(min, Math.min(max, Math.floor(COMPRESSED_BYTES / bytes)));
  const steps = Array.from({ length: count }, (_, n): Step[] => [
    ...send(frames),
    { kind: "frames", count: n + 1 },
  ]);
  return {
    id,
    title: `${count} messages of ${bytes} bytes${frameBytes === 0 ? "" : ` in frames of ${frameBytes}`}`,
    steps: [...steps.flat(), ...send([close()])],
    expected: null, // How the service compresses is its own affair.
    extensions: offer,
  };
}

/** Sections 12 (contents) and 13 (parameters). */
export function compressedCases(): Promise<AutobahnCase[]> {
  const [usual = ""] = OFFERS;
  const sizes = (section: string, content: number, offer: string) =>
    COMPRESSED_SIZES.map(([bytes, frameBytes], index) =>
      compressedCase({ id: `${section}.${index + 1}`, content, offer, bytes, frameBytes }),
    );
  return Promise.all([
    ...CONTENTS.flatMap((_, content) => sizes(`12.${content + 1}`, content, usual)),
    ...OFFERS.flatMap((offer, index) => sizes(`13.${index + 1}`, 0, offer)),
  ]);
}
