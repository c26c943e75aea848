import { describe, expect, it } from "vitest";
import { AppError, isAppError } from "#protocol/errors.ts";
import { errorResponse } from "#server/http/error-response.ts";
import type { Logger } from "#server/observability/logger.ts";

interface RuntimeModule {
  publishRuntime(runtime: object): void;
  getRuntime(): unknown;
}

/** Another instance of a module, as each of Next's bundles has its own. */
const copyOf = async <T>(path: string, copy: string): Promise<T> =>
  (await import(/* @vite-ignore */ `${path}?copy=${copy}`)) as T;

const silent = { info: () => undefined, error: () => undefined } as unknown as Logger;

describe("what crosses between the server and Next's bundles", () => {
  it("is the runtime: one copy of the module publishes, every other finds it", async () => {
    const [server, page, route] = await Promise.all(
      ["server", "page", "route"].map((copy) => copyOf<RuntimeModule>("./runtime.ts", copy)),
    );
    expect(server?.getRuntime).not.toBe(page?.getRuntime);
    expect(() => page?.getRuntime()).toThrow(/before/);
    const runtime = { name: "the one" };
    server?.publishRuntime(runtime);
    expect(page?.getRuntime()).toBe(runtime);
    expect(route?.getRuntime()).toBe(runtime);
    expect(() => page?.publishRuntime({})).toThrow(/already/);
  });

  it("is an error's code, although its class is another", async () => {
    const other = await copyOf<{ AppError: typeof AppError }>("../protocol/errors.ts", "other");
    const error = new other.AppError("not_found", "Gone");
    expect(error).not.toBeInstanceOf(AppError);
    expect(isAppError(error)).toBe(true);
    expect(errorResponse(error, silent).status).toBe(404);
    expect(isAppError(new Error("not_found"))).toBe(false);
  });
});
