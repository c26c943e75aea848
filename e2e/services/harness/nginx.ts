import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFreePort } from "../../harness/process.ts";
import { hasProgram, startExternal } from "./external.ts";
import { isListening } from "./is-listening.ts";

export const hasNginx = hasProgram("nginx");

export interface Nginx {
  readonly port: number;
  /** What it serves; WebDAV's PUT and DELETE are allowed below `/uploads/`. */
  readonly folder: string;
  stop(): Promise<void>;
}

/** A real nginx on loopback that serves a folder of files, gzipped where the client likes that. */
export async function startNginx(files: Readonly<Record<string, string | Buffer>>): Promise<Nginx> {
  const parent = await mkdtemp(join(tmpdir(), "culvert-nginx-"));
  const folder = join(parent, "site");
  await mkdir(join(folder, "uploads"), { recursive: true });
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  const port = await findFreePort();
  await writeFile(join(parent, "nginx.conf"), configuration(parent, port));
  const server = await startExternal({
    command: "nginx",
    args: ["-p", parent, "-c", join(parent, "nginx.conf"), "-e", "stderr", "-g", "daemon off;"],
    isReady: () => isListening(port),
  });
  return {
    port,
    folder,
    stop: async () => {
      await server.stop();
      await rm(parent, { recursive: true, force: true });
    },
  };
}

/** As the user that the tests run as, so that it may read and write what they do. */
function configuration(parent: string, port: number): string {
  const own = process.getuid?.() === 0 ? "user root;" : "";
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${join(parent, name)};`)
    .join("\n  ");
  return `${own}
worker_processes 1;
pid ${join(parent, "nginx.pid")};
events { worker_connections 512; }
http {
  access_log off;
  ${temporary}
  types { text/html html; text/plain txt; application/octet-stream bin; }
  default_type application/octet-stream;
  gzip on;
  gzip_proxied any;
  gzip_types text/plain;
  client_max_body_size 0;
  server {
    listen 127.0.0.1:${port};
    root ${join(parent, "site")};
    location /uploads/ { dav_methods PUT DELETE; }
    location /small-uploads/ { client_max_body_size 1k; dav_methods PUT; }
  }
}
`;
}
