import { afterAll, beforeAll, describe, it, onTestFinished } from "vitest";
import { ApiServer, type ApiServerOptions } from "./api-server.ts";
import type { ApiServerSource } from "./find-api-server.ts";

/** Starts a server that stops when the test is over. */
export type StartApiServer = (options?: ApiServerOptions) => Promise<ApiServer>;

/** Starts one server for all tests of the `describe`; what it returns gives the server, inside a test. */
export type ShareApiServer = (options?: ApiServerOptions) => () => ApiServer;

/** `own`: a server that starts empty and may be stopped; `renewal`: one whose certificates can be renewed too. */
export type Needs = "any" | "own" | "renewal";

/** Why these tests cannot run here, in one sentence; null when they can. */
export function whySkipped(source: ApiServerSource, needs: Needs = "any"): string | null {
  if (source.kind === "none") return source.why;
  if (needs !== "any" && source.kind === "existing")
    return "an existing cluster cannot be restarted";
  if (needs === "renewal" && source.kind !== "built")
    return "only the built server renews its certificates";
  return null;
}

/** A `describe` that says in one line that it was skipped, and why. */
export function describeKubernetes(
  name: string,
  source: ApiServerSource,
  body: (start: StartApiServer, share: ShareApiServer) => void,
  needs: Needs = "any",
): void {
  const why = whySkipped(source, needs);
  if (why !== null) {
    it.skip(`${name} (skipped: ${why})`, () => {});
    return;
  }
  const start: StartApiServer = async (options) => {
    const api = await ApiServer.start(source, options);
    onTestFinished(() => api.stop());
    return api;
  };
  const share: ShareApiServer = (options) => {
    let api: ApiServer | undefined;
    beforeAll(async () => {
      api = await ApiServer.start(source, options);
    });
    afterAll(() => api?.stop());
    return () => {
      if (api === undefined) throw new Error("the server is there while tests run");
      return api;
    };
  };
  describe(name, () => body(start, share));
}
