import { describe, expect, it } from "vitest";
import { CLOSE_CODES, type CloseCodeName } from "#protocol/control/close-codes.ts";
import { describeDialFailure, describeLinkOutcome } from "./describe-outcome.ts";

const URL_GIVEN = new URL("http://culvert.example.com:3000/");
const refused = (status: number, body = "", retryAfter: string | null = null) =>
  describeDialFailure({ kind: "refused", status, body, retryAfter }, URL_GIVEN);

describe("a dial that failed", () => {
  it.each([
    [301, "slowly"],
    [400, "slowly"],
    [401, "slowly"],
    [403, "slowly"],
    [404, "slowly"],
    [409, "backoff"],
    [426, "slowly"],
    [429, "slowly"],
    [500, "backoff"],
    [502, "backoff"],
    [503, "backoff"],
  ] as const)("with status %i retries %s", (status, retry) => {
    expect(refused(status).retry).toBe(retry);
  });

  it("has a sentence of its own for each status an operator meets", () => {
    const statuses = [301, 401, 403, 404, 409, 429, 503];
    const sentences = statuses.map((status) => refused(status).sentence);
    expect(new Set(sentences).size).toBe(statuses.length);
    for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z].*[.?]$/);
  });

  it("repeats what the server says, but no page of a stranger", () => {
    const json = JSON.stringify({ error: { code: "unavailable", message: "Being upgraded." } });
    expect(refused(503, json).sentence).toContain("Being upgraded.");
    expect(refused(503, "Try later\n").sentence).toContain("Try later");
    for (const body of ["<html>oops</html>", "{", '{"error":1}', "a\nb", "x".repeat(1_000)]) {
      expect(refused(503, body).sentence).toBe(refused(503).sentence);
    }
  });

  it("hands Retry-After on", () => {
    expect(refused(503, "", "7").retryAfter).toBe("7");
  });

  it.each([
    "ECONNREFUSED",
    "ENOTFOUND",
    "ETIMEDOUT",
    "ECONNRESET",
    "EHOSTUNREACH",
    "CERT_HAS_EXPIRED",
    "EODD",
    "",
  ])("keeps trying after %s and names the host", (code) => {
    const verdict = describeDialFailure({ kind: "unreachable", code, message: "odd" }, URL_GIVEN);
    expect(verdict.retry).toBe("backoff");
    expect(verdict.sentence).toContain("culvert.example.com:3000");
  });

  it.each([
    [{ kind: "unreachable", code: "EPROTO", message: "odd" }, "https://a.example", "http://"],
    [{ kind: "unreachable", code: "ERR_SSL_X", message: "odd" }, "https://a.example", "http://"],
    [{ kind: "unreachable", code: "ECONNRESET", message: "odd" }, "http://a.example", "https://"],
    [
      { kind: "refused", status: 400, retryAfter: null, body: "<p>" },
      "http://a.example",
      "https://",
    ],
  ] as const)("asks for the other scheme after %j with %s", (failure, url, scheme) => {
    const { sentence } = describeDialFailure(failure, new URL(url));
    expect(sentence).toContain(`CULVERT_URL with ${scheme}.`);
  });

  it("asks for no other scheme where a TLS server cuts the connection", () => {
    const failure = { kind: "unreachable", code: "ECONNRESET", message: "odd" } as const;
    const { sentence } = describeDialFailure(failure, new URL("https://a.example"));
    expect(sentence).not.toContain("CULVERT_URL");
  });

  it("asks whether the address is right when something else answers", () => {
    const verdict = describeDialFailure({ kind: "not_web_socket", message: "odd" }, URL_GIVEN);
    expect(verdict).toMatchObject({ retry: "slowly" });
  });
});

describe("a link that ended", () => {
  it.each(Object.keys(CLOSE_CODES) as CloseCodeName[])(
    "with %s: meaning and retry from the table",
    (name) => {
      const { code, meaning, agentRetries } = CLOSE_CODES[name];
      const verdict = describeLinkOutcome({
        kind: "closed",
        by: "server",
        code,
        reason: "because",
      });
      expect(verdict.retry).toBe(agentRetries);
      expect(verdict.sentence).toContain(meaning);
      expect(verdict.sentence).toContain("because");
    },
  );

  it("says who closed it", () => {
    const by = (who: "agent" | "server"): string =>
      describeLinkOutcome({ kind: "closed", by: who, code: 4408, reason: "" }).sentence;
    expect(by("agent")).not.toBe(by("server"));
  });

  it("keeps trying after anything else", () => {
    for (const code of [1000, 1005, 1006, 1011, 4999]) {
      const verdict = describeLinkOutcome({ kind: "closed", by: "server", code, reason: "" });
      expect(verdict.retry).toBe("backoff");
    }
  });

  it("looks for another relay when this one is linked", () => {
    expect(describeLinkOutcome({ kind: "duplicate" }).retry).toBe("elsewhere");
  });
});
