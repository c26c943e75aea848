import { access } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";

/** Whoever renders pages and answers the API's routes. */
export interface Pages {
  handleRequest(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Hot reload while developing; null where nothing but our own sockets is upgraded. */
  readonly handleUpgrade:
    ((request: IncomingMessage, socket: Duplex, head: Buffer) => Promise<void>) | null;
  close(): Promise<void>;
}

/** The pages were not built. */
export class NoBuildError extends Error {
  override readonly name = "NoBuildError";
}

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Prepares Next from what was built, or compiling on demand while developing. */
export async function createPages(options: { readonly isDev: boolean }): Promise<Pages> {
  if (!options.isDev) {
    await access(join(ROOT, ".next", "BUILD_ID")).catch((cause: unknown) => {
      throw new NoBuildError("The dashboard is not built: run `npm run build`.", { cause });
    });
  }
  // Loaded here, after the check: it takes a moment.
  const { default: next } = await import("next");
  const app = next({ dev: options.isDev, dir: ROOT });
  await app.prepare();
  const handle = app.getRequestHandler();
  const upgrade = app.getUpgradeHandler();
  return {
    handleRequest: (request, response) => handle(request, response),
    handleUpgrade: options.isDev ? (request, socket, head) => upgrade(request, socket, head) : null,
    close: () => app.close(),
  };
}
