import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { blocksOf, expectedHash } from "../harness/byte-source.ts";
import { curlArgs } from "./harness/curl.ts";
import { hasProgram, runTool } from "./harness/external.ts";
import { ask } from "./harness/http-client.ts";
import { HttpLab, type Site } from "./harness/http-lab.ts";
import { hasNginx, startNginx, type Nginx } from "./harness/nginx.ts";

const TEXT = "A line of text that compresses well.\n".repeat(500);
const BYTES = Buffer.from(Array.from({ length: 4_096 }, (_, n) => (n * 31 + (n >> 8) * 7) & 0xff));
const GIB = 1024 ** 3;

let nginx: Nginx;
let lab: HttpLab;
let site: Site;

const hasAll = hasNginx && hasProgram("curl");

describe.skipIf(!hasAll)("nginx behind the edge (nginx and curl needed)", () => {
  beforeAll(async () => {
    nginx = await startNginx({
      "page.html": "<h1>hello</h1>",
      "long.txt": TEXT,
      "data.bin": BYTES,
    });
    lab = await HttpLab.start({ services: [{ name: "files", port: nginx.port }] });
    site = lab.site("files");
  });

  afterAll(async () => {
    await lab?.stop();
    await nginx?.stop();
  });

  it("serves files as it would to anybody", async () => {
    const page = await ask(site, { path: "/page.html" });
    expect(page).toMatchObject({ status: 200, text: "<h1>hello</h1>" });
    expect(page.headers).toMatchObject({ "content-type": "text/html", "content-length": "14" });
    expect(page.headers["server"]).toMatch(/^nginx/);
    expect((await ask(site, { path: "/data.bin" })).body.equals(BYTES)).toBe(true);
    expect(await ask(site, { path: "/none" })).toMatchObject({ status: 404 });
    expect((await ask(site, { path: "/none" })).headers["culvert-error"]).toBeUndefined();
  });

  it("answers HEAD with the length and without the body", async () => {
    const head = await ask(site, { path: "/data.bin", method: "HEAD" });
    expect(head).toMatchObject({ status: 200, text: "" });
    expect(head.headers["content-length"]).toBe(String(BYTES.byteLength));
  });

  it("answers a range, several ranges, and one that is none", async () => {
    const get = (range: string) => ask(site, { path: "/data.bin", headers: { range } });
    const one = await get("bytes=100-199");
    expect(one).toMatchObject({ status: 206 });
    expect(one.headers["content-range"]).toBe(`bytes 100-199/${BYTES.byteLength}`);
    expect(one.body.equals(BYTES.subarray(100, 200))).toBe(true);
    const last = await get("bytes=-10");
    expect(last.body.equals(BYTES.subarray(-10))).toBe(true);
    const several = await get("bytes=0-9,20-29");
    expect(several.status).toBe(206);
    expect(several.headers["content-type"]).toMatch(/^multipart\/byteranges; boundary=/);
    expect(several.body.includes(BYTES.subarray(20, 30))).toBe(true);
    expect(await get("bytes=999999-")).toMatchObject({ status: 416 });
  });

  it("lets curl take a part, and the rest of a download that broke off", async () => {
    const part = await curl("/data.bin", "-r", "100-199");
    expect(part.out.equals(BYTES.subarray(100, 200))).toBe(true);
    const file = join(nginx.folder, "resumed.bin");
    await writeFile(file, BYTES.subarray(0, 1_000));
    const rest = await curl("/data.bin", "-C", "-", "-o", file, "-w", "%{response_code}");
    expect(rest).toMatchObject({ code: 0, err: "" });
    expect(rest.out.toString()).toBe("206");
    expect((await readFile(file)).equals(BYTES)).toBe(true);
    const head = await curl("/data.bin", "-I");
    expect(head.out.toString()).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*accept-ranges: bytes/i);
  });

  it("answers what has not changed with 304, and a condition that does not hold with 412", async () => {
    const { headers } = await ask(site, { path: "/page.html" });
    const { etag = "", "last-modified": since = "" } = headers;
    const get = (condition: Record<string, string>) =>
      ask(site, { path: "/page.html", headers: condition });
    expect(await get({ "if-none-match": etag })).toMatchObject({ status: 304, text: "" });
    expect(await get({ "if-modified-since": since })).toMatchObject({ status: 304, text: "" });
    expect(await get({ "if-match": '"other"' })).toMatchObject({ status: 412 });
    const ranged = await ask(site, {
      path: "/data.bin",
      headers: { range: "bytes=0-9", "if-range": '"other"' },
    });
    expect(ranged).toMatchObject({ status: 200 });
  });

  it("sends gzip, which passes as it is", async () => {
    const zipped = await ask(site, {
      path: "/long.txt",
      headers: { "accept-encoding": "gzip" },
    });
    expect(zipped.headers["content-encoding"]).toBe("gzip");
    const direct = await ask(
      { port: nginx.port, host: site.host },
      { path: "/long.txt", headers: { "accept-encoding": "gzip" } },
    );
    expect(zipped.body.equals(direct.body)).toBe(true);
    expect(gunzipSync(zipped.body).toString()).toBe(TEXT);
    const plain = await ask(site, { path: "/long.txt" });
    expect(plain.headers["content-encoding"]).toBeUndefined();
    expect(plain.text).toBe(TEXT);
  });

  it("refuses a body that is too large for it, in its own words", async () => {
    const refused = await ask(site, {
      path: "/small-uploads/x.bin",
      method: "PUT",
      body: Buffer.alloc(8_192),
    });
    expect(refused.status).toBe(413);
    expect(refused.headers["culvert-error"]).toBeUndefined();
  });

  it("takes and gives 1 GiB without a wrong byte", async () => {
    const path = "/uploads/large.bin";
    const wanted = expectedHash(1024);
    const args = curlArgs(site, path, ["--fail", "-T", "-"]);
    const upload = await runTool("curl", args, Readable.from(blocksOf(GIB)));
    expect(upload).toMatchObject({ code: 0, err: "" });
    expect(await hashOf(join(nginx.folder, path))).toBe(wanted);
    const download = 'curl "$@" | sha256sum';
    const { out } = await runTool("sh", ["-c", download, "sh", ...curlArgs(site, path)]);
    expect(out.toString()).toBe(`${wanted}  -\n`);
    expect(await ask(site, { path, method: "DELETE" })).toMatchObject({
      status: 204,
    });
  });
});

const curl = (path: string, ...args: string[]) =>
  runTool("curl", curlArgs(site, path, ["--fail", ...args]));

async function hashOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}
