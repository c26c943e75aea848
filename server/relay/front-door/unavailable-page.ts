import { toPage, wantsPage } from "../pages/plain-page.ts";

const MESSAGE = "The dashboard is starting or restarting. Tunnels keep running.";
const RETRY_SECONDS = 2;

const PAGE = toPage({
  title: "Culvert is starting",
  heading: "The dashboard is starting or restarting",
  paragraphs: [
    "Tunnels keep running: established and new connections are not affected. This page tries again by itself.",
  ],
  refreshSeconds: RETRY_SECONDS,
});

/** A whole HTTP answer. */
export interface PlainAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What the front door says while the web process is away. */
export function toUnavailable(accept: string | undefined): PlainAnswer {
  const json = { error: { code: "unavailable", message: MESSAGE, retryable: true, details: {} } };
  const body = wantsPage(accept) ? PAGE : `${JSON.stringify(json)}\n`;
  return {
    status: 503,
    headers: {
      "Content-Type": wantsPage(accept) ? "text/html; charset=utf-8" : "application/json",
      "Content-Length": String(Buffer.byteLength(body)),
      "Cache-Control": "no-store",
      "Retry-After": String(RETRY_SECONDS),
    },
    body,
  };
}
