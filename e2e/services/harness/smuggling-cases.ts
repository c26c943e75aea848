import { hostOf } from "./http-objects.ts";

/** What the edge must do with bytes that two servers might read in two ways. */
export interface SmugglingCase {
  readonly name: string;
  /** As they stand on the wire, one character a byte. */
  readonly bytes: string;
  /**
   * `refused` answered with 400, hung up on, and nothing of it reaches the service · `cut` the same in the middle of a
   * body, whose beginning has gone on already: the service sees it broken off · `first` hung up on, and only what came
   * before the fault may be carried out · `served` so many requests reach the service, each well-formed.
   */
  readonly verdict: "refused" | "cut" | "first" | { readonly served: number };
  /** The client says that nothing follows; without it a server rightly waits. */
  readonly isHalfClosed?: boolean;
  /** Follows on the same connection once the first request is answered. */
  readonly later?: string;
}

/** The site that the requests are for. */
export const SMUGGLED = "smuggled";
const CASE_HOST = hostOf(SMUGGLED);
const HOST = `Host: ${CASE_HOST}\r\n`;
const LONG = "a".repeat(65_536);
/** What an attacker wants the service to take for a request of its own. */
const HIDDEN = `GET /hidden HTTP/1.1\r\n${HOST}\r\n`;

const post = (fields: string, body: string): string =>
  `POST /upload HTTP/1.1\r\n${HOST}${fields}\r\n${body}`;
const get = (fields: string, target = "/page"): string =>
  `GET ${target} HTTP/1.1\r\n${HOST}${fields}\r\n`;
const chunked = (body: string): string => post("Transfer-Encoding: chunked\r\n", body);

const refused = (name: string, bytes: string): SmugglingCase => ({
  name,
  bytes,
  verdict: "refused",
});
const cut = (name: string, bytes: string): SmugglingCase => ({ name, bytes, verdict: "cut" });
const abandoned = (name: string, bytes: string): SmugglingCase => ({
  name,
  bytes,
  verdict: "cut",
  isHalfClosed: true,
});
const first = (name: string, bytes: string): SmugglingCase => ({ name, bytes, verdict: "first" });
const inTurn = (name: string, bytes: string, later: string): SmugglingCase => ({
  ...first(name, bytes),
  later,
});
const served = (name: string, bytes: string, count = 1): SmugglingCase => ({
  name,
  bytes,
  verdict: { served: count },
});

const LENGTHS: readonly SmugglingCase[] = [
  refused(
    "two different Content-Length fields",
    post("Content-Length: 0\r\nContent-Length: 44\r\n", HIDDEN),
  ),
  refused(
    "two equal Content-Length fields",
    post("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"),
  ),
  refused("Content-Length as a list of different values", post("Content-Length: 3, 4\r\n", "abcd")),
  refused("Content-Length as a list of equal values", post("Content-Length: 3, 3\r\n", "abc")),
  refused("a Content-Length with a plus sign", post("Content-Length: +3\r\n", "abc")),
  refused("a negative Content-Length", post("Content-Length: -3\r\n", "abc")),
  refused("a hexadecimal Content-Length", post("Content-Length: 0x3\r\n", "abc")),
  refused("a Content-Length with a fraction", post("Content-Length: 3.0\r\n", "abc")),
  refused("a Content-Length with an exponent", post("Content-Length: 3e0\r\n", "abc")),
  refused("a Content-Length with a space inside", post("Content-Length: 1 1\r\n", HIDDEN)),
  refused("a Content-Length with a tab inside", post("Content-Length: 1\t1\r\n", HIDDEN)),
  refused("a Content-Length with an underscore", post("Content-Length: 1_1\r\n", HIDDEN)),
  refused("an empty Content-Length", post("Content-Length: \r\n", HIDDEN)),
  refused("a Content-Length in quotes", post('Content-Length: "3"\r\n', "abc")),
  refused("a Content-Length past 64 bits", post("Content-Length: 18446744073709551619\r\n", "abc")),
  refused("a Content-Length with a form feed before it", post("Content-Length: \x0c3\r\n", "abc")),
  refused(
    "a Content-Length with a vertical tab after it",
    post("Content-Length: 3\x0b\r\n", "abc"),
  ),
  refused("a Content-Length with a letter after it", post("Content-Length: 3a\r\n", "abc")),
  refused("a space before the colon of Content-Length", post("Content-Length : 3\r\n", "abc")),
  refused("a Content-Length on a folded line", post("Content-Length:\r\n 3\r\n", "abc")),
  abandoned(
    "a body shorter than its Content-Length, then the end",
    post("Content-Length: 10\r\n", "abc"),
  ),
  served("a Content-Length with leading zeros", post("Content-Length: 003\r\n", "abc")),
  served("a Content-Length with spaces around it", post("Content-Length:  3 \r\n", "abc")),
  served(
    "a GET with a body, then another request",
    `${get("Content-Length: 3\r\n")}abc${get("")}`,
    2,
  ),
];

const CODINGS: readonly SmugglingCase[] = [
  refused(
    "Content-Length before Transfer-Encoding",
    post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", `0\r\n\r\n${HIDDEN}`),
  ),
  refused(
    "Transfer-Encoding before Content-Length",
    post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", `0\r\n\r\n${HIDDEN}`),
  ),
  refused(
    "chunked twice in one field",
    post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"),
  ),
  refused(
    "two Transfer-Encoding fields of chunked",
    post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
  ),
  refused("chunked, then identity", post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n")),
  refused("identity, then chunked", post("Transfer-Encoding: identity, chunked\r\n", "0\r\n\r\n")),
  refused(
    "identity in a field after chunked",
    post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", `0\r\n\r\n${HIDDEN}`),
  ),
  refused("identity alone", post("Transfer-Encoding: identity\r\n", HIDDEN)),
  refused("gzip, then chunked", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n")),
  refused("a coding that nobody knows", post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n")),
  refused("chunked with a suffix", post("Transfer-Encoding: chunkedfoo\r\n", "0\r\n\r\n")),
  refused("chunked with a parameter", post("Transfer-Encoding: chunked;a=b\r\n", "0\r\n\r\n")),
  refused("chunked in quotes", post('Transfer-Encoding: "chunked"\r\n', "0\r\n\r\n")),
  refused("chunked behind a comma", post("Transfer-Encoding: ,chunked\r\n", "0\r\n\r\n")),
  refused("chunked behind a vertical tab", post("Transfer-Encoding: \x0bchunked\r\n", "0\r\n\r\n")),
  refused(
    "an unknown coding in a field after chunked",
    post("Transfer-Encoding: chunked\r\nTransfer-Encoding: cow\r\n", `0\r\n\r\n${HIDDEN}`),
  ),
  refused(
    "a NUL after the name of Transfer-Encoding",
    post("Transfer-Encoding\0: chunked\r\n", `0\r\n\r\n${HIDDEN}`),
  ),
  refused("chunked behind a NUL", post("Transfer-Encoding: \0chunked\r\n", "0\r\n\r\n")),
  refused(
    "an empty Transfer-Encoding beside a length",
    post("Transfer-Encoding: \r\nContent-Length: 5\r\n", `0\r\n\r\n${HIDDEN}`),
  ),
  refused(
    "a space before the colon of Transfer-Encoding",
    post("Transfer-Encoding : chunked\r\n", `0\r\n\r\n${HIDDEN}`),
  ),
  refused(
    "a tab before the colon of Transfer-Encoding",
    post("Transfer-Encoding\t: chunked\r\n", `0\r\n\r\n${HIDDEN}`),
  ),
  refused(
    "a folded Transfer-Encoding",
    post("Transfer-Encoding:\r\n chunked\r\n", `0\r\n\r\n${HIDDEN}`),
  ),
  refused(
    "a space before the name of Transfer-Encoding",
    post(" Transfer-Encoding: chunked\r\n", `0\r\n\r\n${HIDDEN}`),
  ),
  refused(
    "Transfer-Encoding behind a bare line feed",
    post("X-A: b\nTransfer-Encoding: chunked\r\n", `0\r\n\r\n${HIDDEN}`),
  ),
  refused(
    "Transfer-Encoding behind a bare carriage return",
    post("X-A: b\rTransfer-Encoding: chunked\r\n", `0\r\n\r\n${HIDDEN}`),
  ),
  refused(
    "chunked in HTTP/1.0",
    `POST /upload HTTP/1.0\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
  ),
  served("chunked in mixed case", post("Transfer-Encoding: CHUnked\r\n", "3\r\nabc\r\n0\r\n\r\n")),
  served(
    "chunked with spaces around it",
    post("Transfer-Encoding:  chunked \r\n", "3\r\nabc\r\n0\r\n\r\n"),
  ),
  served("chunked behind a tab", post("Transfer-Encoding:\tchunked\r\n", "3\r\nabc\r\n0\r\n\r\n")),
  served(
    "Transfer_Encoding, which is another name",
    post("Content-Length: 3\r\nTransfer_Encoding: chunked\r\n", "abc"),
  ),
];

const CHUNKS: readonly SmugglingCase[] = [
  cut("a chunk size with 0x", chunked("0x3\r\nabc\r\n0\r\n\r\n")),
  cut("a chunk size that is no number", chunked("g\r\nabc\r\n0\r\n\r\n")),
  cut("a chunk size with a minus", chunked("-1\r\nabc\r\n0\r\n\r\n")),
  cut("a chunk size with a plus", chunked("+3\r\nabc\r\n0\r\n\r\n")),
  cut("a chunk size with a space before it", chunked(" 3\r\nabc\r\n0\r\n\r\n")),
  cut("an empty chunk size", chunked("\r\nabc\r\n0\r\n\r\n")),
  cut("a chunk size past 64 bits", chunked("10000000000000003\r\nabc\r\n0\r\n\r\n")),
  cut("a chunk shorter than its size", chunked(`8\r\nabc\r\n0\r\n\r\n${HIDDEN}`)),
  cut("a chunk longer than its size", chunked("2\r\nabc\r\n0\r\n\r\n")),
  cut("a chunk that ends with a bare line feed", chunked("3\r\nabc\n0\r\n\r\n")),
  cut("a chunk that ends with a bare carriage return", chunked("3\r\nabc\r0\r\n\r\n")),
  cut("a chunk size that ends with a bare line feed", chunked("3\nabc\r\n0\r\n\r\n")),
  cut("a chunk size that ends with a bare carriage return", chunked("3\rabc\r\n0\r\n\r\n")),
  cut("a chunk extension with a bare line feed", chunked(`3;a\nabc\r\n0\r\n\r\n${HIDDEN}`)),
  cut("a chunk extension with a bare carriage return", chunked("3;a\rb\r\nabc\r\n0\r\n\r\n")),
  cut("a chunk extension with a NUL", chunked("3;\0\r\nabc\r\n0\r\n\r\n")),
  cut(
    "a last chunk that is not followed by an empty line",
    chunked(`0\r\n${HIDDEN.replace("GET /hidden HTTP/1.1\r\n", "G et: x\r\n")}`),
  ),
  cut("a chunk extension of 64 KiB", chunked(`3;${LONG}\r\nabc\r\n0\r\n\r\n`)),
  cut("a trailer of 64 KiB", chunked(`3\r\nabc\r\n0\r\nX-A: ${LONG}\r\n\r\n`)),
  cut("Content-Length in a trailer", chunked(`0\r\nContent-Length: 44\r\n\r\n${HIDDEN}`)),
  cut("a trailer with a space in its name", chunked("0\r\nX Y: z\r\n\r\n")),
  abandoned("a body that ends between chunks", chunked("3\r\nabc\r\n")),
  served("a chunk extension, which is dropped", chunked("3;name=value\r\nabc\r\n0\r\n\r\n")),
  served(
    "trailers that belong into a head, which are dropped",
    chunked("3\r\nabc\r\n0\r\nHost: other.example.test\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n"),
  ),
  served("a chunk size with leading zeros", chunked("0003\r\nabc\r\n000\r\n\r\n")),
  served("a chunk size in capitals", chunked(`A\r\n0123456789\r\n0\r\n\r\n`)),
];

const LINES: readonly SmugglingCase[] = [
  refused("a bare line feed after the request line", `GET /page HTTP/1.1\n${HOST}\r\n`),
  refused(
    "a bare line feed after a field",
    `GET /page HTTP/1.1\r\nHost: ${CASE_HOST}\nX-A: b\r\n\r\n`,
  ),
  refused("a bare carriage return in a value", get("X-A: b\rc\r\n")),
  refused(
    "a bare carriage return before the end of the head",
    `GET /page HTTP/1.1\r\n${HOST}\r\r\n\r\n`,
  ),
  refused("a NUL in a value", get("X-A: b\0c\r\n")),
  refused("a NUL in a name", get("X\0A: b\r\n")),
  refused("a NUL in the target", get("", "/pa\0ge")),
  refused("a control character in a value", get("X-A: b\x01c\r\n")),
  refused("a delete character in a value", get("X-A: b\x7fc\r\n")),
  refused("a folded field", get("X-A: b\r\n c\r\n")),
  refused("a field folded with a tab", get("X-A: b\r\n\tc\r\n")),
  refused("a first field that begins with a space", `GET /page HTTP/1.1\r\n X-A: b\r\n${HOST}\r\n`),
  refused("a name with a space", get("X A: b\r\n")),
  refused("a name with a colon before it", get(":X-A: b\r\n")),
  refused("an empty name", get(": b\r\n")),
  refused("a field without a colon", get("X-A\r\n")),
  refused("a name with a parenthesis", get("X(A): b\r\n")),
  refused("a name with a byte above ASCII", get("X\xe4: b\r\n")),
  served("a value with a byte above ASCII", get("X-A: \xe4\r\n")),
  served("a field without a space after the colon", get("X-A:b\r\n")),
  served("an empty line before the request", `\r\n${get("")}`),
];

const HOSTS: readonly SmugglingCase[] = [
  refused("no Host", "GET /page HTTP/1.1\r\n\r\n"),
  refused("two equal Host fields", `GET /page HTTP/1.1\r\n${HOST}${HOST}\r\n`),
  refused(
    "two different Host fields",
    `GET /page HTTP/1.1\r\n${HOST}Host: other.example.test\r\n\r\n`,
  ),
  refused("an empty Host", "GET /page HTTP/1.1\r\nHost: \r\n\r\n"),
  refused("a Host with a path", `GET /page HTTP/1.1\r\nHost: ${CASE_HOST}/x\r\n\r\n`),
  refused("a Host with a user", `GET /page HTTP/1.1\r\nHost: user@${CASE_HOST}\r\n\r\n`),
  refused("a Host with a space", `GET /page HTTP/1.1\r\nHost: ${CASE_HOST} x\r\n\r\n`),
  refused(
    "a Host as a list",
    `GET /page HTTP/1.1\r\nHost: ${CASE_HOST}, other.example.test\r\n\r\n`,
  ),
  refused(
    "a Host with a port that is no number",
    `GET /page HTTP/1.1\r\nHost: ${CASE_HOST}:x\r\n\r\n`,
  ),
  refused("a folded Host", `GET /page HTTP/1.1\r\nHost:\r\n ${CASE_HOST}\r\n\r\n`),
  refused("a space before the colon of Host", `GET /page HTTP/1.1\r\nHost : ${CASE_HOST}\r\n\r\n`),
  refused("an absolute target of another host", get("", "http://other.example.test/page")),
  refused("an absolute target with a user", get("", `http://user@${CASE_HOST}/page`)),
  refused("an absolute target of another scheme", get("", `ftp://${CASE_HOST}/page`)),
  served("an absolute target of the same host", get("", `http://${CASE_HOST}/page`)),
  served("a Host in capitals", `GET /page HTTP/1.1\r\nHOST: ${CASE_HOST.toUpperCase()}\r\n\r\n`),
];

const REQUEST_LINES: readonly SmugglingCase[] = [
  refused("HTTP/0.9", "GET /page\r\n\r\n"),
  refused("HTTP/2.0 in a line", `GET /page HTTP/2.0\r\n${HOST}\r\n`),
  refused("HTTP/1.2", `GET /page HTTP/1.2\r\n${HOST}\r\n`),
  refused("HTTP/1.10", `GET /page HTTP/1.10\r\n${HOST}\r\n`),
  refused("http/1.1 in small letters", `GET /page http/1.1\r\n${HOST}\r\n`),
  served("two spaces before the version", `GET /page  HTTP/1.1\r\n${HOST}\r\n`),
  refused("a tab before the target", `GET\t/page HTTP/1.1\r\n${HOST}\r\n`),
  refused("a space in the target", `GET /pa ge HTTP/1.1\r\n${HOST}\r\n`),
  refused("a space after the version", `GET /page HTTP/1.1 \r\n${HOST}\r\n`),
  refused("a method in small letters", `get /page HTTP/1.1\r\n${HOST}\r\n`),
  refused("a method with a space before it", ` GET /page HTTP/1.1\r\n${HOST}\r\n`),
  refused("an empty target", `GET  HTTP/1.1\r\n${HOST}\r\n`),
  refused("a target without a slash", get("", "page")),
  refused("a target with a fragment", get("", "/page#top")),
  refused("an asterisk for GET", get("", "*")),
  refused("garbage", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03hello"),
  refused("the answer of a server", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
  refused("a target of 64 KiB", get("", `/${LONG}`)),
  refused("a field of 64 KiB", get(`X-A: ${LONG}\r\n`)),
  refused("4,000 fields", get("X-A: bcdefghij\r\n".repeat(4_000))),
  served("an HTTP/1.0 request", `GET /page HTTP/1.0\r\n${HOST}\r\n`),
];

const SEQUENCES: readonly SmugglingCase[] = [
  first("a good request, then a bad one", `${get("")}GET /page HTTP/1.1\r\nX A: b\r\n\r\n`),
  first(
    "a good request, then one with two lengths",
    `${get("")}${post("Content-Length: 0\r\nContent-Length: 44\r\n", HIDDEN)}`,
  ),
  first(
    "an upload, then bytes that are no request",
    `${post("Content-Length: 3\r\n", "abc")}xyz\r\n\r\n${HIDDEN}`,
  ),
  inTurn(
    "a good request, and after its answer a bad one",
    get(""),
    post("Content-Length: 0\r\nContent-Length: 44\r\n", HIDDEN),
  ),
  inTurn(
    "a good request, and after its answer bytes that are no request",
    get(""),
    `xyz\r\n\r\n${HIDDEN}`,
  ),
  refused("a bad request, then a good one", `GET /page HTTP/1.1\r\n${HOST}X A: b\r\n\r\n${HIDDEN}`),
  refused(
    "a refused length, then a good request",
    `${post("Content-Length: 1, 1\r\n", "a")}${HIDDEN}`,
  ),
  served("two requests at once", `${get("")}${get("")}`, 2),
  served("an upload and a request at once", `${post("Content-Length: 3\r\n", "abc")}${get("")}`, 2),
  served(
    "a chunked upload and a request at once",
    `${chunked("3\r\nabc\r\n0\r\n\r\n")}${get("")}`,
    2,
  ),
  served("a body that looks like a request", post(`Content-Length: ${HIDDEN.length}\r\n`, HIDDEN)),
  served(
    "an upgrade to h2c, which is ignored",
    get(
      "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n",
    ),
  ),
  served(
    "an upgrade to h2c with a body, which is ignored",
    post(
      `Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nContent-Length: ${HIDDEN.length}\r\n`,
      HIDDEN,
    ),
  ),
  served(
    "an upgrade to another protocol with a body, which is ignored",
    post(`Connection: Upgrade\r\nUpgrade: chat\r\nContent-Length: ${HIDDEN.length}\r\n`, HIDDEN),
  ),
  served(
    "an upgrade to a WebSocket with a body in chunks, which is ignored",
    get("Connection: Upgrade\r\nUpgrade: websocket\r\nTransfer-Encoding: chunked\r\n") +
      "0\r\n\r\n",
  ),
  served(
    "Connection names Content-Length",
    post("Connection: close, Content-Length\r\nContent-Length: 3\r\n", "abc"),
  ),
  served(
    "Connection names Transfer-Encoding",
    post(
      "Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n",
      "3\r\nabc\r\n0\r\n\r\n",
    ),
  ),
  served("Connection names Host", get("Connection: Host\r\n")),
  served(
    "Expect in a GET with a body",
    `${get("Expect: 100-continue\r\nContent-Length: 3\r\n")}abc`,
  ),
  served(
    "an expectation that nobody knows",
    post(`Expect: y 100-continue\r\nContent-Length: ${HIDDEN.length}\r\n`, HIDDEN),
  ),
];

export const SMUGGLING_CASES: readonly SmugglingCase[] = [
  ...LENGTHS,
  ...CODINGS,
  ...CHUNKS,
  ...LINES,
  ...HOSTS,
  ...REQUEST_LINES,
  ...SEQUENCES,
];
