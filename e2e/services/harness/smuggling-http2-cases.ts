import { hostOf } from "./http-objects.ts";
import type { Field } from "#server/relay/edge/testing/hpack.ts";
import type { Http2Request } from "#server/relay/edge/testing/http2-frames.ts";

/** What the edge must do with a request of HTTP/2 that would be two of HTTP/1.1, or none. */
export type Http2Case = readonly [name: string, request: Http2Request];

/** The site that the requests are for. */
export const DOWNGRADED = "downgraded";
const HOST = hostOf(DOWNGRADED);
/** What an attacker wants the service to take for a request of its own. */
const HIDDEN = `GET /hidden HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`;
const LONG = "a".repeat(65_536);

const chunked = (name: string): Field => [name, "chunked"];
const length = (value: string): Field => ["content-length", value];

/** The fields of the request itself, but for those that are said here; null leaves one out. */
function pseudo(over: Readonly<Record<string, string | null>> = {}): Field[] {
  const values: Readonly<Record<string, string | null>> = {
    ":method": "GET",
    ":scheme": "http",
    ":authority": HOST,
    ":path": "/page",
    ...over,
  };
  return Object.entries(values).flatMap(([name, value]) =>
    value === null ? [] : [[name, value] as const],
  );
}

const only = (fields: readonly Field[]): Http2Request => ({ fields, data: null });
const of = (over: Readonly<Record<string, string | null>>): Http2Request => only(pseudo(over));
const get = (...fields: Field[]): Http2Request => only([...pseudo(), ...fields]);
const post = (fields: readonly Field[], ...data: string[]): Http2Request => ({
  fields: [...pseudo({ ":method": "POST" }), ...fields],
  data,
});
const withTrailers = (...trailers: Field[]): Http2Request => ({ ...post([], "abc"), trailers });

/** Must not reach the service, or only broken off. */
export const REFUSED: readonly Http2Case[] = [
  ["a body longer than its length", post([length("3")], "abcdef")],
  ["a body shorter than its length", post([length("10")], "abc")],
  ["a length without a body", get(length("5"))],
  ["two different lengths", post([length("3"), length("4")], "abc")],
  ["two equal lengths", post([length("3"), length("3")], "abc")],
  ["a length as a list", post([length("3, 3")], "abc")],
  ["a length with a plus", post([length("+3")], "abc")],
  ["a length that is no number", post([length("abc")], "abc")],
  ["transfer-encoding", post([chunked("transfer-encoding")], `0\r\n\r\n${HIDDEN}`)],
  ["transfer-encoding beside a length", post([chunked("transfer-encoding"), length("3")], "abc")],
  ["transfer-encoding in capitals", post([chunked("Transfer-Encoding")], `0\r\n\r\n${HIDDEN}`)],
  ["connection", get(["connection", "close"])],
  ["connection that names a field", get(["connection", "x-a"], ["x-a", "b"])],
  ["keep-alive", get(["keep-alive", "timeout=5"])],
  ["proxy-connection", get(["proxy-connection", "keep-alive"])],
  ["upgrade", get(["upgrade", "websocket"])],
  ["te with another coding than trailers", get(["te", "gzip"])],
  ["a name in capitals", get(["X-A", "b"])],
  ["a field of 64 KiB", get(["x-a", LONG])],
  ["a path of 64 KiB", of({ ":path": `/${LONG}` })],
  ["a line break in the method", of({ ":method": `GET / HTTP/1.1\r\nHost: ${HOST}\r\n\r\nGET` })],
  ["a space in the method", of({ ":method": "GET /hidden HTTP/1.1" })],
  [
    "a line break in the path",
    of({ ":path": `/page HTTP/1.1\r\nHost: ${HOST}\r\n\r\nGET /hidden` }),
  ],
  ["a space in the path", of({ ":path": "/page HTTP/1.1" })],
  ["an empty path", of({ ":path": "" })],
  ["a path without a slash", of({ ":path": "page" })],
  ["a path with a fragment", of({ ":path": "/page#top" })],
  ["a path with a host", of({ ":path": `http://${HOST}/page` })],
  ["a path with a host under another scheme", of({ ":scheme": "a", ":path": `http://${HOST}/` })],
  ["an asterisk for GET", of({ ":path": "*" })],
  ["a line break in the scheme", of({ ":scheme": `http\r\nx-a: b` })],
  ["a scheme with a host", of({ ":scheme": "http://other.example.test/" })],
  ["no path", of({ ":path": null })],
  ["no method", of({ ":method": null })],
  ["no scheme", of({ ":scheme": null })],
  ["no host at all", of({ ":authority": null })],
  ["an empty authority", of({ ":authority": "" })],
  ["an authority with a user", of({ ":authority": `user@${HOST}` })],
  ["an authority with a path", of({ ":authority": `${HOST}/x` })],
  ["an authority with a line break", of({ ":authority": `${HOST}\r\nx-a: b` })],
  ["an authority and another host", get(["host", "other.example.test"])],
  ["two authorities", only([...pseudo(), [":authority", "other.example.test"]])],
  ["two equal hosts", get(["host", HOST], ["host", HOST])],
  ["two hosts", get(["host", HOST], ["host", "other.example.test"])],
  ["two paths", only([...pseudo(), [":path", "/hidden"]])],
  ["two methods", only([...pseudo(), [":method", "POST"]])],
  ["a pseudo field after others", only([["x-a", "b"], ...pseudo()])],
  ["a pseudo field that nobody knows", only([...pseudo(), [":hidden", "1"]])],
  ["a protocol that was not offered", of({ ":method": "CONNECT", ":protocol": "websocket" })],
  ["a status in a request", only([...pseudo(), [":status", "200"]])],
  ["a pseudo field in trailers", withTrailers([":path", "/hidden"])],
  ["transfer-encoding in trailers", withTrailers(chunked("transfer-encoding"))],
  ["connection in trailers", withTrailers(["connection", "close"])],
];

/** nghttp2 drops such fields and takes the rest: the service sees one request, and nothing of the field. */
export const DROPPED: readonly Http2Case[] = [
  ["a line break in a value", get(["x-a", `b\r\nContent-Length: 0\r\n\r\n${HIDDEN}`])],
  ["a line feed in a value", get(["x-a", "b\nx-c: d"])],
  ["a carriage return in a value", get(["x-a", "b\rx-c: d"])],
  ["a NUL in a value", get(["x-a", "b\0c"])],
  ["a line break in a name", get(["x-a: b\r\nx-c", "d"])],
  ["a colon in a name", get(["x-a: b", "d"])],
  ["a space in a name", get(["x a", "b"])],
  ["an empty name", get(["", "b"])],
];

/** Reach the service as one request. */
export const SERVED: readonly Http2Case[] = [
  ["a plain request", get()],
  ["a body of unknown length", post([], "abc", "def")],
  ["a body that is as long as it says", post([length("6")], "abc", "def")],
  ["a body that looks like a request", post([], HIDDEN)],
  ["a body that looks like the end of chunks", post([], `0\r\n\r\n${HIDDEN}`)],
  ["an empty body that says so", post([length("0")], "")],
  ["the host in a field instead", only([...pseudo({ ":authority": null }), ["host", HOST]])],
  ["the same host twice over", get(["host", HOST])],
  ["te with trailers", get(["te", "trailers"])],
  ["cookies in several fields", get(["cookie", "a=1"], ["cookie", "b=2"])],
  ["a value with a byte above ASCII", get(["x-a", "\xe4"])],
  ["trailers", { ...post([["trailer", "x-sum"]], "abc"), trailers: [["x-sum", "1"]] }],
  ["trailers that say what the edge says", withTrailers(["x-forwarded-for", "192.0.2.1"])],
  ["trailers that name another host", withTrailers(["host", "other.example.test"])],
];
