import { answerOf } from "./scripted-service.ts";

/** Of an answer to who asked for the protocols `chat` and `talk`. */
export interface UpgradeCase {
  readonly name: string;
  readonly bytes: string;
  /** All that a client gets. */
  readonly wanted: RegExp;
  readonly lacks: RegExp;
}

const HIDDEN = answerOf("poisoned");

const BY_EDGE = /^HTTP\/1\.1 502 [^]*\r\nCulvert-Error: backend_failed\r\n[^]*\}\n$/;
const refused = (name: string, bytes: string): UpgradeCase => ({
  name,
  bytes,
  wanted: BY_EDGE,
  lacks: /poisoned|HTTP\/1\.1 [^5]/,
});
const answer = (fields: string, statusLine = "HTTP/1.1 200 OK"): string =>
  `${statusLine}\r\n${fields}\r\nabc`;
const agreed = (fields: string): string => `HTTP/1.1 101 Yes\r\n${fields}\r\n`;
const toProtocol = (name: string): string => agreed(`Connection: Upgrade\r\nUpgrade: ${name}\r\n`);

export const UPGRADE_CASES: readonly UpgradeCase[] = [
  refused("101 to another protocol", `${toProtocol("other")}${HIDDEN}`),
  refused("101 to one that was asked for, and another", toProtocol("chat, other")),
  refused("101 to HTTP/2", toProtocol("h2c")),
  refused("101 without a protocol", agreed("Connection: Upgrade\r\n")),
  refused("101 without Connection", agreed("Upgrade: chat\r\n")),
  refused("the status 099", answer("Content-Length: 3\r\n", "HTTP/1.1 099 No")),
  refused("HTTP/2.0", answer("Content-Length: 3\r\n", "HTTP/2.0 200 OK")),
  refused("gzip, then chunked", answer("Transfer-Encoding: gzip, chunked\r\n")),
  refused(
    "Content-Length beside Transfer-Encoding",
    answer("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"),
  ),
  refused("a bare line feed in a value", answer("X-A: b\nX-C: d\r\nContent-Length: 3\r\n")),
  {
    name: "101 with fields that frame and such as are meant for one hop",
    bytes: agreed(
      "Connection: Upgrade, X-Other\r\nX-Other: 1\r\nUpgrade: Chat\r\nKeep-Alive: x-other\r\n" +
        "Content-Length: 3\r\nCulvert-Error: x-other\r\n",
    ),
    wanted: /^HTTP\/1\.1 101 [^]*\r\nUpgrade: Chat\r\nConnection: Upgrade\r\n\r\n/,
    lacks: /x-other|content-length/i,
  },
  {
    name: "a refusal that is longer than its length",
    bytes: `HTTP/1.1 403 No\r\nContent-Length: 3\r\n\r\nabc${HIDDEN}`,
    wanted: /^HTTP\/1\.1 403 [^]*\r\nConnection: close\r\n\r\nabc$/,
    lacks: /poisoned/,
  },
  {
    name: "a refusal in chunks",
    bytes: `HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
    wanted: /^HTTP\/1\.1 403 [^]*\r\nConnection: close\r\n\r\nabc$/,
    lacks: /transfer-encoding/i,
  },
];
