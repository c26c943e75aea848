import { describe, expect, it } from "vitest";
import { findRequestFault, type RequestHead } from "./find-request-fault.ts";

interface Asked extends Partial<Omit<RequestHead, "rawHeaders">> {
  readonly raw?: readonly string[];
}

function faultOf({ raw = ["Host", "a.test"], ...over }: Asked): string | null {
  return findRequestFault({ method: "GET", target: "/", version: "1.1", rawHeaders: raw, ...over });
}

const withHost = (...raw: string[]): string[] => ["Host", "a.test", ...raw];

describe("a request without fault", () => {
  it.each<Asked>([
    {},
    { raw: withHost("Content-Length", "0") },
    { raw: withHost("content-length", "10737418240") },
    { raw: withHost("Transfer-Encoding", "Chunked") },
    { raw: ["host", "A.test:8080"], target: "http://a.TEST:8080/x?y" },
    { raw: ["host", "a.test:80"], target: "HTTP://a.test" },
    { raw: ["host", "a.test"], target: "https://a.test:443/" },
    { raw: ["host", "[::1]:80"], target: "http://[::1]/" },
    { method: "OPTIONS", target: "*" },
    { target: "/%00/../ü?a=b?c&d=//x" },
    { target: "//a/b" },
    { version: "1.0", raw: withHost("Content-Length", "1") },
    { version: "2", raw: [":authority", "a.test", "content-length", "3"] },
    { version: "2", raw: [":authority", "a.test", "host", "A.test."] },
    { version: "2", raw: ["host", "a.test"] },
  ])("%j", (asked) => {
    expect(faultOf(asked)).toBeNull();
  });
});

describe("a request in doubt", () => {
  it.each<[string, Asked]>([
    ["several Host fields", { raw: withHost("host", "a.test") }],
    ["several Host fields", { raw: withHost("host", "b.test") }],
    ["no Host", { raw: [] }],
    ["no Host", { version: "1.0", raw: [] }],
    ["no Host", { version: "2", raw: [] }],
    ["Host is malformed", { raw: ["Host", ""] }],
    ["Host is malformed", { raw: ["Host", "a.test, b.test"] }],
    ["Host is malformed", { raw: ["Host", "a.test/x"] }],
    ["Host is malformed", { raw: ["Host", "user@a.test"] }],
    ["Host is malformed", { version: "2", raw: [":authority", "user@a.test"] }],
    [
      "Host and :authority differ",
      { version: "2", raw: [":authority", "a.test", "host", "b.test"] },
    ],
    [
      "several Content-Length fields",
      { raw: withHost("Content-Length", "1", "content-length", "1") },
    ],
    ["Content-Length is no number", { raw: withHost("Content-Length", "1, 1") }],
    ["Content-Length is no number", { raw: withHost("Content-Length", "+1") }],
    ["Content-Length is no number", { raw: withHost("Content-Length", "0x1") }],
    ["Content-Length is no number", { raw: withHost("Content-Length", "") }],
    ["Content-Length is no number", { raw: withHost("Content-Length", "1".repeat(17)) }],
    [
      "both Content-Length and Transfer-Encoding",
      { raw: withHost("Content-Length", "1", "Transfer-Encoding", "chunked") },
    ],
    [
      "Transfer-Encoding is not chunked alone",
      { raw: withHost("Transfer-Encoding", "gzip, chunked") },
    ],
    [
      "Transfer-Encoding is not chunked alone",
      { raw: withHost("Transfer-Encoding", "chunked, chunked") },
    ],
    ["Transfer-Encoding is not chunked alone", { raw: withHost("Transfer-Encoding", "xchunked") }],
    ["Transfer-Encoding is not chunked alone", { raw: withHost("Transfer-Encoding", "identity") }],
    ["Transfer-Encoding is not chunked alone", { raw: withHost("Transfer-Encoding", "") }],
    [
      "Transfer-Encoding is not chunked alone",
      { raw: withHost("Transfer-Encoding", "chunked", "transfer-encoding", "chunked") },
    ],
    [
      "Transfer-Encoding is not for this version of HTTP",
      { version: "1.0", raw: withHost("Transfer-Encoding", "chunked") },
    ],
    [
      "Transfer-Encoding is not for this version of HTTP",
      { version: "2", raw: [":authority", "a.test", "transfer-encoding", "chunked"] },
    ],
    ["the target and Host differ", { target: "http://b.test/" }],
    ["the target and Host differ", { target: "http://a.test:81/" }],
    ["the target and Host differ", { target: "https://a.test/", raw: ["Host", "a.test:80"] }],
    ["the target and Host differ", { target: "http://a.test@b.test/" }],
    ["the target is malformed", { target: "a.test:80" }],
    ["the target is malformed", { target: "" }],
    ["the target is malformed", { target: "ftp://a.test/" }],
    ["the target is malformed", { target: "javascript:alert" }],
    [
      "the target is malformed",
      { version: "2", raw: [":authority", "a.test"], target: "http://a.test/" },
    ],
    ["the target * is for OPTIONS alone", { target: "*" }],
    ...["/a b", "/a\tb", "/a\r\nb", "/\0", "/\x7f", "/a#b"].map((target): [string, Asked] => [
      "the target holds characters that may not stand there",
      { target },
    ]),
  ])("%s: %j", (fault, asked) => {
    expect(faultOf(asked)).toBe(fault);
  });
});
