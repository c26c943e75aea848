import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { curlArgs } from "./harness/curl.ts";
import { hasProgram, runTool } from "./harness/external.ts";
import { HttpLab, type Site } from "./harness/http-lab.ts";
import { startHttpService, type HttpBackend } from "./harness/http-service.ts";

let service: HttpBackend;
let lab: HttpLab;
let site: Site;
/** Bodies that the service has read a byte of, by path. */
const bodiesBegun: string[] = [];

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url ?? "/", "http://service");
  request.once("data", () => bodiesBegun.push(pathname));
  if (pathname === "/hints") {
    response.writeEarlyHints({ link: "</style.css>; rel=preload; as=style" });
    response.end("after hints");
    return;
  }
  if (pathname === "/trailers") {
    response.writeHead(200, { Trailer: "X-Sum", "Content-Type": "text/plain" });
    response.write("body");
    response.addTrailers({ "X-Sum": "4" });
    response.end();
    return;
  }
  const body = await text(request);
  response.setHeader("X-Version", request.httpVersion);
  response.setHeader("X-Framing", request.headers["transfer-encoding"] ?? "length");
  response.end(`${request.method} ${body}`);
}

/** Says 100 for some, and refuses others before a byte of their body has come. */
function serveExpecting(request: IncomingMessage, response: ServerResponse): void {
  const refusal = { "/too-large": 413, "/unexpected": 417 }[request.url ?? ""];
  if (refusal === undefined) {
    response.writeContinue();
    void serve(request, response);
    return;
  }
  response.writeHead(refusal, { Connection: "close" });
  response.end("no, thank you");
}

const EXPECTING = ["-H", "Expect: 100-continue"];
const VERSIONS = [
  ["HTTP/1.1", "--http1.1"],
  ["HTTP/2 with prior knowledge", "--http2-prior-knowledge"],
] as const;

interface Printed {
  readonly code: number | null;
  readonly out: string;
  /** What `-v` tells of requests and answers. */
  readonly log: string;
}

async function runCurl(args: readonly string[], input = ""): Promise<Printed> {
  const { code, out, err } = await runTool("curl", ["-v", "-m", "20", ...args], input);
  return { code, out: out.toString(), log: err };
}

const curl = (path: string, args: readonly string[] = [], input?: string): Promise<Printed> =>
  runCurl(curlArgs(site, path, args), input);

const throughEdge = (...args: string[]): Promise<Printed> =>
  runCurl(["-sS", ...args, "-x", `http://127.0.0.1:${site.port}`, `http://${site.host}/`]);

describe.skipIf(!hasProgram("curl"))("curl (skipped where it is not installed)", () => {
  beforeAll(async () => {
    service = await startHttpService((request, response) => void serve(request, response));
    service.server.on("checkContinue", serveExpecting);
    lab = await HttpLab.start({ services: [{ name: "curled", port: service.port }] });
    site = lab.site("curled");
  });

  afterAll(async () => {
    await lab?.stop();
    await service?.close();
  });

  describe.each(VERSIONS)("by %s", (_name, version) => {
    it("is answered in the version that it asks in", async () => {
      const { code, out, log } = await curl("/", [version]);
      expect({ code, out }).toEqual({ code: 0, out: "GET " });
      expect(log).toMatch(version === "--http1.1" ? /< HTTP\/1\.1 200/ : /< HTTP\/2 200/);
      expect(log).toMatch(/< x-version: 1\.1/i);
    });

    it("uploads a body of known length", async () => {
      const { out, log } = await curl("/", [version, "--data-binary", "0123456789"]);
      expect(out).toBe("POST 0123456789");
      expect(log).toMatch(/< x-framing: length/i);
    });

    it("uploads a body of unknown length", async () => {
      const { out, log } = await curl("/", [version, "-T", "-", "-X", "PUT"], "streamed");
      expect(out).toBe("PUT streamed");
      expect(log).toMatch(/< x-framing: chunked/i);
    });

    it("sees early hints before the answer", async () => {
      const { out, log } = await curl("/hints", [version]);
      expect(out).toBe("after hints");
      expect(log).toMatch(/< HTTP\/\S+ 103[^]*< link: <\/style\.css>[^]*< HTTP\/\S+ 200/i);
    });

    it("sees trailers after the body", async () => {
      const { out } = await curl("/trailers", [version, "-i", "-H", "TE: trailers"]);
      expect(out).toMatch(/\r\ntrailer: x-sum\r\n[^]*\r\nbody[^]*x-sum: 4\r\n/i);
    });
  });

  it("waits for 100 of the service before it sends a body", async () => {
    const { out, log } = await curl("/asked", [...EXPECTING, "--data-binary", "body"]);
    expect(out).toBe("POST body");
    expect(log).toMatch(/< HTTP\/1\.1 100 Continue[^]*< HTTP\/1\.1 200/);
  });

  it.each([
    ["/too-large", 413],
    ["/unexpected", 417],
  ])("does not send a body that the service refuses: %s", async (path, status) => {
    const args = [...EXPECTING, "--expect100-timeout", "15", "--data-binary", "body"];
    const { out, log } = await curl(path, args);
    expect(out).toBe("no, thank you");
    expect(log).toContain(`< HTTP/1.1 ${status}`);
    expect(log).not.toContain("100 Continue");
    expect(bodiesBegun).not.toContain(path);
  });

  it("asks to go over to HTTP/2, and is served in the version that it asked in", async () => {
    const { code, out, log } = await curl("/", ["--http2"]);
    expect({ code, out }).toEqual({ code: 0, out: "GET " });
    expect(log).toMatch(/> Upgrade: h2c/i);
    expect(log).toMatch(/< HTTP\/1\.1 200/);
  });

  it("is told that CONNECT is not for here", async () => {
    const { code, log } = await throughEdge("-p");
    expect(code).not.toBe(0);
    expect(log).toMatch(/< HTTP\/1\.1 405/);
    expect(log).toMatch(/< Culvert-Error: connect_refused/);
  });

  it("may ask as if the edge were its proxy", async () => {
    const { out } = await throughEdge();
    expect(out).toBe("GET ");
  });
});
