const MESSAGE = "The dashboard is starting or restarting. Tunnels keep running.";

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="2">
<title>Culvert is starting</title>
<style>
  :root { color-scheme: light dark; }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center;
         font: 16px/1.5 system-ui, sans-serif; }
  main { max-width: 28rem; padding: 2rem; text-align: center; }
  h1 { font-size: 1.25rem; margin: 0 0 .5rem; }
  p { margin: 0; opacity: .75; }
</style>
</head>
<body>
<main>
<h1>The dashboard is starting or restarting</h1>
<p>Tunnels keep running: established and new connections are not affected.
This page tries again by itself.</p>
</main>
</body>
</html>
`;

/** A whole HTTP answer. */
export interface PlainAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What the front door says while the web process is away. */
export function toUnavailable(accept: string | undefined): PlainAnswer {
  const wantsPage = (accept ?? "").includes("text/html");
  const json = { error: { code: "unavailable", message: MESSAGE, retryable: true, details: {} } };
  const body = wantsPage ? PAGE : `${JSON.stringify(json)}\n`;
  return {
    status: 503,
    headers: {
      "Content-Type": wantsPage ? "text/html; charset=utf-8" : "application/json",
      "Content-Length": String(Buffer.byteLength(body)),
      "Cache-Control": "no-store",
      "Retry-After": "2",
    },
    body,
  };
}
