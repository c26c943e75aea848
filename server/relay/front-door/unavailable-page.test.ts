import { describe, expect, it } from "vitest";
import { toUnavailable } from "./unavailable-page.ts";

describe("what the front door says while the web process is away", () => {
  it("is for browsers a page that loads itself again", () => {
    const { status, headers, body } = toUnavailable("text/html,*/*");
    expect(status).toBe(503);
    expect(headers["Content-Type"]).toContain("text/html");
    expect(headers["Content-Length"]).toBe(String(Buffer.byteLength(body)));
    expect(body).toContain('<meta http-equiv="refresh" content="2">');
    expect(body).toContain("<h1>The dashboard is starting or restarting</h1>");
  });

  it("is JSON for everybody else", () => {
    const { headers, body } = toUnavailable(undefined);
    expect(headers["Retry-After"]).toBe("2");
    expect(JSON.parse(body)).toMatchObject({ error: { code: "unavailable", retryable: true } });
  });
});
