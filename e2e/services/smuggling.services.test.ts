import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../harness/process.ts";
import { exchangeRaw, statusesOf, type RawAnswer } from "./harness/raw-client.ts";
import { RecordedSite, type ServiceRecord } from "./harness/recorded-site.ts";
import { SMUGGLED, SMUGGLING_CASES, type SmugglingCase } from "./harness/smuggling-cases.ts";

/** Of trailers that may not be passed on. */
const MUST_NOT_BE_SEEN = /192\.0\.2\.1|other\.example/;

let recorded: RecordedSite;

beforeAll(async () => {
  recorded = await RecordedSite.start(SMUGGLED);
});

afterAll(() => recorded.stop());

function send({ bytes, verdict, ...options }: SmugglingCase): Promise<RawAnswer> {
  const count = typeof verdict === "object" ? verdict.served : null;
  const isEnough = (received: Buffer) =>
    count !== null && received.toString("latin1").split("\r\n\r\nok\n").length > count;
  return exchangeRaw(recorded.site, bytes, { isEnough, ...options });
}

/** What must be seen of a case, on both sides of the edge. */
function expectVerdict(
  { verdict, later }: SmugglingCase,
  answer: RawAnswer,
  { requests, unfinished }: ServiceRecord,
): void {
  const statuses = statusesOf(answer);
  if (typeof verdict === "object") {
    expect(statuses).toEqual(Array.from({ length: verdict.served }, () => 200));
    expect(requests).toHaveLength(verdict.served);
    expect(requests.flatMap(({ trailers }) => trailers)).toEqual([]);
    expect(unfinished).toEqual([]);
    return;
  }
  expect(answer.isClosedByPeer).toBe(true);
  if (verdict === "first") {
    // Where both came at once, an answer to the second would be taken for one to the first.
    expect(statuses).toEqual(later === undefined ? [] : [200, 400]);
    expect(requests.length).toBeLessThanOrEqual(1);
    return;
  }
  expect(statuses).toEqual([400]);
  expect(requests).toEqual([]);
  if (verdict === "refused") expect(unfinished).toEqual([]);
}

describe("bytes that two servers might read in two ways", () => {
  it.each(SMUGGLING_CASES)("$name", async (item) => {
    const answer = await send(item);
    const record = await recorded.settle();
    expect(record.garbage).toEqual([]);
    expect(record.requests.map(({ target }) => target)).not.toContain("/hidden");
    expect(JSON.stringify(record.requests)).not.toMatch(MUST_NOT_BE_SEEN);
    expectVerdict(item, answer, record);
  });

  it.each([
    ["a name with a space", "HPE_INVALID_HEADER_TOKEN"],
    ["two different Content-Length fields", "HPE_UNEXPECTED_CONTENT_LENGTH"],
    ["Content-Length as a list of equal values", "HPE_INVALID_CONTENT_LENGTH"],
    ["a chunk size that is no number", "HPE_INVALID_CHUNK_SIZE"],
    ["4,000 fields", "HPE_HEADER_OVERFLOW"],
    ["two equal Host fields", "several Host fields"],
    ["gzip, then chunked", "Transfer-Encoding is not chunked alone"],
    ["HTTP/0.9", "the version of HTTP is not served"],
  ])("%s is told in the log", async (name, reason) => {
    const item = SMUGGLING_CASES.find((each) => each.name === name);
    if (item === undefined) throw new Error("no such case");
    const { server } = recorded.lab;
    const before = server.output().length;
    const line = new RegExp(`"reason":"${reason}","clientAddress":"127.0.0.1".*request refused`);
    // Of many refusals in a second only some are written.
    await eventually("the log tells of it", async () => {
      await send(item);
      return line.test(server.output().slice(before)) ? true : undefined;
    });
  });
});
