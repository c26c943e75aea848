import { answerOf, type Script } from "./scripted-service.ts";

/** What a client must get of an answer that a service gives, however broken or hostile it is. */
export type AnswerVerdict =
  /** The edge's own answer: 502, `backend_failed`. */
  | "failed"
  /** Visibly not the whole: reset, or hung up on before its end. */
  | "cut"
  /** One of the two, by what came first. */
  | "failed or cut"
  /** The service's answer, `abc`, or cut: the fault came behind its end. */
  | "whole or cut"
  /** The service's answer, `abc`, or the edge's: by how fast what came before it was worked off. */
  | "whole or failed"
  | WholeAnswer;

/** One answer, framed anew. */
export interface WholeAnswer {
  readonly body: string;
  /** 200 by default. */
  readonly status?: number;
  /** Of interim answers before it; none by default. */
  readonly interim?: readonly number[];
  /** `name: value`, names in lower case: among its fields. */
  readonly has?: readonly string[];
  /** Not to be found in fields and trailers. */
  readonly lacks?: RegExp;
  readonly trailers?: readonly string[];
  /** The connection ends with it: what the service said behind it came while the client was still being answered. */
  readonly isLast?: true;
}

export interface AnswerCase {
  readonly name: string;
  readonly script: Script;
  readonly verdict: AnswerVerdict;
  /** GET by default. */
  readonly method?: "HEAD" | "POST";
  /** Where a client of HTTP/2 gets another thing. */
  readonly byHttp2?: AnswerVerdict;
}

/** What an attacker wants somebody else to take for an answer. */
const HIDDEN = answerOf("poisoned");
const LONG = "a".repeat(65_536);
const OK = "HTTP/1.1 200 OK\r\n";

const head = (fields: string, body = ""): string => `${OK}${fields}\r\n${body}`;
const sized = (fields: string): string => head(`${fields}Content-Length: 3\r\n`, "abc");
const chunked = (body: string, fields = ""): string =>
  head(`Transfer-Encoding: chunked\r\n${fields}`, body);
const coded = (coding: string, body = "3\r\nabc\r\n0\r\n\r\n"): string =>
  head(`Transfer-Encoding: ${coding}\r\n`, body);
const first = (statusLine: string): string => `${statusLine}\r\nContent-Length: 3\r\n\r\nabc`;
const interim = (status: number, fields = ""): string => `HTTP/1.1 ${status} Soon\r\n${fields}\r\n`;

type More = Omit<Partial<AnswerCase>, "name" | "verdict" | "script"> & Omit<Script, "bytes">;

function make(
  name: string,
  bytes: string,
  verdict: AnswerVerdict,
  { then, endless, ...more }: More = {},
): AnswerCase {
  const script = {
    bytes,
    ...(then === undefined ? {} : { then }),
    ...(endless === undefined ? {} : { endless }),
  };
  return { name, script, verdict, ...more };
}

const failed = (name: string, bytes: string, more?: More): AnswerCase =>
  make(name, bytes, "failed", more);
const cut = (name: string, bytes: string, more?: More): AnswerCase =>
  make(name, bytes, "cut", more);
const broken = (name: string, bytes: string, more?: More): AnswerCase =>
  make(name, bytes, "failed or cut", more);
const whole = (
  name: string,
  bytes: string,
  answer: Partial<WholeAnswer> = {},
  more?: More,
): AnswerCase => make(name, bytes, { body: "abc", ...answer }, more);

const LENGTHS: readonly AnswerCase[] = [
  failed(
    "two different Content-Length fields",
    head("Content-Length: 3\r\nContent-Length: 47\r\n", `abc${HIDDEN}`),
  ),
  failed(
    "two equal Content-Length fields",
    head("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"),
  ),
  failed("Content-Length as a list", head("Content-Length: 3, 3\r\n", "abc")),
  failed("a Content-Length with a plus sign", head("Content-Length: +3\r\n", "abc")),
  failed("a negative Content-Length", head("Content-Length: -3\r\n", "abc")),
  failed("a hexadecimal Content-Length", head("Content-Length: 0x3\r\n", "abc")),
  failed("a Content-Length with a space inside", head("Content-Length: 3 3\r\n", "abc")),
  failed("an empty Content-Length", head("Content-Length: \r\n", "abc")),
  failed("a Content-Length past 64 bits", head("Content-Length: 18446744073709551619\r\n", "abc")),
  failed(
    "a Content-Length of 40 digits that is small",
    head(`Content-Length: ${"0".repeat(39)}3\r\n`, "abc"),
  ),
  failed("a folded Content-Length", head("Content-Length:\r\n 3\r\n", "abc")),
  failed("a space before the colon of Content-Length", head("Content-Length : 3\r\n", "abc")),
  whole("a Content-Length with leading zeros", head("Content-Length: 003\r\n", "abc")),
  cut(
    "a Content-Length past what a double can tell, then the end",
    head("Content-Length: 9007199254740993\r\n", "abc"),
    { then: "close" },
  ),
  cut("a body shorter than its Content-Length", head("Content-Length: 10\r\n", "abc"), {
    then: "close",
  }),
  broken("a body shorter than its Content-Length, reset", head("Content-Length: 10\r\n", "abc"), {
    then: "reset",
  }),
  cut("a body longer than its Content-Length", `${sized("")}def`),
  whole("a body longer than its Content-Length by a whole answer", `${sized("")}${HIDDEN}`),
  whole("the same by two answers", `${sized("")}${HIDDEN}${HIDDEN}`),
  whole(
    "a body longer than its Content-Length by the beginning of an answer",
    `${sized("")}${HIDDEN.slice(0, 30)}`,
  ),
  cut(
    "a body longer than its Content-Length on a connection that is to be closed",
    `${sized("Connection: close\r\n")}${HIDDEN}`,
  ),
  whole("an empty line behind the body", `${sized("")}\r\n`),
  whole("a body that looks like an answer", answerOf(HIDDEN), { body: HIDDEN }),
];

const CODINGS: readonly AnswerCase[] = [
  failed(
    "Content-Length before Transfer-Encoding",
    head("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
  ),
  failed(
    "Transfer-Encoding before Content-Length",
    head("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "0\r\n\r\n"),
  ),
  failed("chunked twice in one field", coded("chunked, chunked")),
  failed("two Transfer-Encoding fields of chunked", coded("chunked\r\nTransfer-Encoding: chunked")),
  failed("chunked, then identity", coded("chunked, identity")),
  failed("identity, then chunked", coded("identity, chunked")),
  failed("identity alone", coded("identity", HIDDEN), { then: "close" }),
  failed("gzip, then chunked", coded("gzip, chunked")),
  failed("gzip alone", coded("gzip"), { then: "close" }),
  failed("a coding that nobody knows", coded("xchunked"), { then: "close" }),
  failed("chunked with a suffix", coded("chunkedx"), { then: "close" }),
  failed("chunked with a comma behind it", coded("chunked,"), { then: "close" }),
  failed("chunked with a comma before it", coded(", chunked")),
  failed("chunked in quotes", coded('"chunked"'), { then: "close" }),
  failed("chunked with a vertical tab before it", coded("\x0bchunked")),
  failed("an empty Transfer-Encoding", coded("")),
  failed("a folded Transfer-Encoding", coded("\r\n chunked")),
  failed("a space before the colon of Transfer-Encoding", head("Transfer-Encoding : chunked\r\n")),
  failed(
    "Transfer-Encoding in HTTP/1.0",
    "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
  ),
  whole("chunked in capitals", coded("CHUNKED")),
  whole("chunked with spaces around it", coded("  chunked  ")),
  whole("chunked with a tab before it", coded("\tchunked")),
  // Node's parser takes no tab behind a coding for white space, and reads to the end: the chunks are content, nothing else.
  whole(
    "chunked with a tab behind it",
    coded("chunked\t"),
    { body: "3\r\nabc\r\n0\r\n\r\n" },
    {
      then: "close",
    },
  ),
];

const CHUNKS: readonly AnswerCase[] = [
  cut("an empty chunk size", chunked("\r\nabc\r\n0\r\n\r\n")),
  cut("a chunk size with a sign", chunked("+3\r\nabc\r\n0\r\n\r\n")),
  cut("a negative chunk size", chunked("-3\r\nabc\r\n0\r\n\r\n")),
  cut("a chunk size with 0x", chunked("0x3\r\nabc\r\n0\r\n\r\n")),
  cut("a chunk size past 64 bits", chunked("10000000000000003\r\nabc\r\n0\r\n\r\n")),
  cut("a chunk size with a space behind it", chunked("3 \r\nabc\r\n0\r\n\r\n")),
  cut("a bare line feed behind a chunk size", chunked("3\nabc\r\n0\r\n\r\n")),
  cut("a bare line feed behind a chunk", chunked("3\r\nabc\n0\r\n\r\n")),
  cut("a bare carriage return behind a chunk size", chunked("3\rabc\r\n0\r\n\r\n")),
  cut("a chunk longer than its size", chunked("3\r\nabcdef\r\n0\r\n\r\n")),
  cut("no line break behind a chunk", chunked("3\r\nabc0\r\n\r\n")),
  cut("chunk extensions without end", chunked("3;a="), { endless: "b" }),
  cut("a bare line feed in a chunk extension", chunked("3;a=b\nabc\r\n0\r\n\r\n")),
  cut("a NUL in a chunk extension", chunked("3;a=\0\r\nabc\r\n0\r\n\r\n")),
  cut("an end within a chunk size", chunked("3"), { then: "close" }),
  cut("an end within a chunk", chunked("3\r\na"), { then: "close" }),
  cut("an end between chunks", chunked("3\r\nabc\r\n"), { then: "close" }),
  cut("an end within the last chunk", chunked("3\r\nabc\r\n0\r\n"), { then: "close" }),
  broken("a reset between chunks", chunked("3\r\nabc\r\n"), { then: "reset" }),
  cut("a bare line feed behind the last chunk", chunked("3\r\nabc\r\n0\n\n")),
  whole("a chunk extension, which is dropped", chunked("3;a=b\r\nabc\r\n0\r\n\r\n"), {
    lacks: /a=b/,
  }),
  whole("a chunk size with leading zeros", chunked("0003\r\nabc\r\n000\r\n\r\n")),
  whole("chunks, and a whole answer behind them", chunked(`3\r\nabc\r\n0\r\n\r\n${HIDDEN}`)),
];

const TRAILERS: readonly AnswerCase[] = [
  cut("an end within a trailer", chunked("3\r\nabc\r\n0\r\nX-Sum: 1"), { then: "close" }),
  cut("an end behind a trailer", chunked("3\r\nabc\r\n0\r\nX-Sum: 1\r\n"), { then: "close" }),
  cut("a trailer with a space in its name", chunked("3\r\nabc\r\n0\r\nX Y: z\r\n\r\n")),
  cut("a folded trailer", chunked("3\r\nabc\r\n0\r\nX-Y: z\r\n z\r\n\r\n")),
  cut("a trailer with a NUL", chunked("3\r\nabc\r\n0\r\nX-Y: \0\r\n\r\n")),
  cut("a Content-Length as a trailer", chunked("3\r\nabc\r\n0\r\nContent-Length: 9\r\n\r\n")),
  cut("trailers without end", chunked("3\r\nabc\r\n0\r\n"), { endless: "X-Y: z\r\n" }),
  whole(
    "trailers that belong into a head, which are dropped",
    chunked(
      "3\r\nabc\r\n0\r\nTransfer-Encoding: chunked\r\nHost: x-other\r\nConnection: x-other\r\n" +
        "Keep-Alive: x-other\r\nTrailer: x-other\r\nUpgrade: x-other\r\nTE: x-other\r\n" +
        "Proxy-Authenticate: x-other\r\nCulvert-Error: x-other\r\nX-Sum: 1\r\n\r\n",
      "Trailer: X-Sum\r\n",
    ),
    { lacks: /x-other/, trailers: ["x-sum: 1"] },
  ),
  whole(
    "a cookie as a trailer, which clients do not take for one of the head",
    chunked("3\r\nabc\r\n0\r\nSet-Cookie: a=b\r\n\r\n", "Trailer: Set-Cookie\r\n"),
    { trailers: ["set-cookie: a=b"] },
  ),
];

const LINES: readonly AnswerCase[] = [
  failed("a field without a colon", sized("X-A\r\n")),
  failed("a space before a colon", sized("X-A : b\r\n")),
  failed("an empty name", sized(": b\r\n")),
  failed("a name with a space", sized("X A: b\r\n")),
  failed("a name with a NUL", sized("X\0A: b\r\n")),
  failed("a name with a byte above ASCII", sized("X\xe4: b\r\n")),
  failed("a name of HTTP/2", sized(":status: 204\r\n")),
  failed("a folded field", sized("X-A: b\r\n c\r\n")),
  failed("a field folded with a tab", sized("X-A: b\r\n\tc\r\n")),
  failed("a first field that begins with a space", sized(" X-A: b\r\n")),
  failed("a bare carriage return in a value", sized("X-A: b\rX-C: d\r\n")),
  failed("a bare line feed in a value", sized("X-A: b\nX-C: d\r\n")),
  failed("a bare line feed before the end of the head", `${OK}Content-Length: 3\r\n\nabc`),
  failed("bare line feeds alone", "HTTP/1.1 200 OK\nContent-Length: 3\n\nabc"),
  failed("a NUL in a value", sized("X-A: b\0c\r\n")),
  failed("a control character in a value", sized("X-A: b\x01c\r\n")),
  failed("a delete character in a value", sized("X-A: b\x7fc\r\n")),
  failed("a field of 64 KiB", sized(`X-A: ${LONG}\r\n`)),
  failed("fields without end", OK, { endless: "X-A: b\r\n" }),
  failed("one field without end", `${OK}X-A: `, { endless: "b" }),
  failed("an end within the head", `${OK}X-A: b\r\n`, { then: "close" }),
  failed("an end within the status line", "HTTP/1.1 2", { then: "close" }),
  broken("a reset within the head", `${OK}X-A: b\r\n`, { then: "reset" }),
  failed("an end without a word", "", { then: "close" }),
  failed("a reset without a word", "", { then: "reset" }),
  whole("a value with a byte above ASCII", sized("X-A: \xe4\r\n"), { has: ["x-a: \xe4"] }),
  whole("2,000 short fields", sized("a:b\r\n".repeat(2_000) + "X-Last: 1\r\n"), {
    has: ["x-last: 1"],
  }),
  whole("empty lines before the answer", `\r\n\r\n${sized("")}`),
];

const STATUSES: readonly AnswerCase[] = [
  failed("no version", first("200 OK")),
  failed("a body alone, as HTTP/0.9 has it", "<html>hello</html>", { then: "close" }),
  failed("HTTP/0.9 in the status line", first("HTTP/0.9 200 OK")),
  failed("HTTP/1.2", first("HTTP/1.2 200 OK")),
  failed("HTTP/2.0", first("HTTP/2.0 200 OK")),
  failed("http/1.1 in small letters", first("http/1.1 200 OK")),
  failed("ICY", first("ICY 200 OK")),
  failed("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  failed("a request", "GET / HTTP/1.1\r\nHost: example.test\r\n\r\n"),
  failed("the status 000", first("HTTP/1.1 000 OK")),
  failed("the status 099", first("HTTP/1.1 099 OK")),
  failed("the status 99", first("HTTP/1.1 99 OK")),
  failed("the status 1000", first("HTTP/1.1 1000 OK")),
  failed("a status in words", first("HTTP/1.1 abc OK")),
  failed("a negative status", first("HTTP/1.1 -20 OK")),
  failed("two spaces before the status", first("HTTP/1.1  200 OK")),
  failed("a bare carriage return in the reason", first("HTTP/1.1 200 O\rX-A: b")),
  failed("a reason without end", "HTTP/1.1 200 ", { endless: "a" }),
  whole("no reason", first("HTTP/1.1 200")),
  whole("control characters in the reason, which is not passed on", first("HTTP/1.1 200 \0\x01")),
  // Node's parser knows it, and takes it for HTTP/1.0; nothing of it reaches the client.
  whole("RTSP/1.0", first("RTSP/1.0 200 OK")),
  whole("HTTP/1.0", first("HTTP/1.0 200 OK")),
  whole("HTTP/1.0 that keeps the connection", first("HTTP/1.0 200 OK\r\nConnection: keep-alive")),
  whole("HTTP/1.0 without a length", "HTTP/1.0 200 OK\r\n\r\nabc", {}, { then: "close" }),
  whole("HTTP/1.1 without a length", head("", "abc"), {}, { then: "close" }),
  broken("HTTP/1.1 without a length, reset", head("", "abc"), { then: "reset" }),
  // No code of HTTP, but in use; HTTP/2 as Node speaks it has no word for it.
  whole("the status 999", first("HTTP/1.1 999 No"), { status: 999 }, { byHttp2: "failed" }),
];

const BODILESS: readonly AnswerCase[] = [
  whole("204 with a length and a body", "HTTP/1.1 204 No\r\nContent-Length: 3\r\n\r\nabc", {
    status: 204,
    body: "",
    isLast: true,
    lacks: /content-length/,
  }),
  whole(
    "204 with chunks",
    "HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    { status: 204, body: "", isLast: true, lacks: /transfer-encoding/ },
  ),
  whole("204 with an answer behind it", `HTTP/1.1 204 No\r\n\r\n${HIDDEN}`, {
    status: 204,
    body: "",
  }),
  whole("304 with a body", "HTTP/1.1 304 No\r\nETag: a\r\n\r\nabc", {
    status: 304,
    body: "",
    isLast: true,
    has: ["etag: a"],
  }),
  whole("304 with an answer behind it", `HTTP/1.1 304 No\r\n\r\n${HIDDEN}`, {
    status: 304,
    body: "",
  }),
  whole(
    "a body for HEAD",
    sized(""),
    { body: "", isLast: true, has: ["content-length: 3"] },
    { method: "HEAD" },
  ),
  whole("chunks for HEAD", coded("chunked"), { body: "", isLast: true }, { method: "HEAD" }),
  whole(
    "an answer behind the one for HEAD",
    `${head("")}${HIDDEN}`,
    { body: "" },
    {
      method: "HEAD",
    },
  ),
];

const INTERIMS: readonly AnswerCase[] = [
  whole("100 and the answer", `${interim(100)}${sized("")}`, { interim: [100] }),
  whole(
    "100, 102, 103 and the answer",
    `${interim(100)}${interim(102)}${interim(103)}${sized("")}`,
    {
      interim: [100, 102, 103],
    },
  ),
  whole(
    "hints with fields that frame, which are dropped",
    interim(103, "Content-Length: 3\r\nTrailer: x-other\r\nConnection: x-other\r\nX-Other: 1\r\n") +
      interim(103, "Transfer-Encoding: chunked\r\nUpgrade: x-other\r\nCulvert-Error: x-other\r\n") +
      sized(""),
    { interim: [103, 103], lacks: /x-other/ },
  ),
  failed("hints with a body", `${interim(103, "Content-Length: 3\r\n")}abc${sized("")}`),
  failed("100 without end", "", { endless: interim(100) }),
  failed("102 without end", "", { endless: interim(102) }),
  failed("103 without end", "", { endless: interim(103, "Link: </a>; rel=preload\r\n") }),
  failed("interim answers and no answer", interim(103), { then: "close" }),
  failed("101 that was not asked for", "HTTP/1.1 101 Switching\r\n\r\n"),
  failed(
    "101 to a protocol that was not asked for",
    `HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n${HIDDEN}`,
  ),
  failed("101 behind 100", `${interim(100)}HTTP/1.1 101 Switching\r\n\r\n`),
];

const HOPS: readonly AnswerCase[] = [
  whole(
    "what is meant for one hop, which is dropped",
    sized(
      "Connection: keep-alive, X-Secret\r\nX-Secret: x-other\r\nKeep-Alive: x-other\r\n" +
        "Proxy-Authenticate: x-other\r\nProxy-Connection: x-other\r\nUpgrade: x-other\r\n" +
        "HTTP2-Settings: x-other\r\nTE: x-other\r\nProxy-Authorization: x-other\r\nX-Kept: 1\r\n",
    ),
    { has: ["x-kept: 1"], lacks: /x-other|x-secret/ },
  ),
  whole("Connection that names Content-Length", sized("Connection: Content-Length\r\n"), {
    has: ["content-length: 3"],
  }),
  whole(
    "Connection in two fields",
    sized("Connection: X-A\r\nConnection: X-B\r\nX-A: 1\r\nX-B: 1\r\n"),
    {
      lacks: /x-[ab]/,
    },
  ),
  whole("a word that only the edge says", sized("Culvert-Error: no_route\r\n"), {
    lacks: /culvert-error/,
  }),
  whole("fields of one name that HTTP/2 knows once", sized("Location: /a\r\nLocation: /b\r\n")),
  whole(
    "a value that looks like the end of a head",
    sized("X-A: %0d%0a%0d%0aHTTP/1.1 200 OK\\r\\n\\r\\n\r\n"),
    { has: ["x-a: %0d%0a%0d%0aHTTP/1.1 200 OK\\r\\n\\r\\n"] },
  ),
  whole("names that every object has", sized("constructor: 1\r\n__proto__: 2\r\n"), {
    has: ["constructor: 1", "__proto__: 2"],
  }),
];

export const ANSWER_CASES: readonly AnswerCase[] = [
  ...LENGTHS,
  ...CODINGS,
  ...CHUNKS,
  ...TRAILERS,
  ...LINES,
  ...STATUSES,
  ...BODILESS,
  ...INTERIMS,
  ...HOPS,
];
