import { access } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { ALL_ROUTES, openApiRoute } from "./all-routes.ts";

const fileOf = (path: string): string =>
  fileURLToPath(
    new URL(`../../../app/api/v1${path.replace(/\{(\w+)\}/g, "[$1]")}/route.ts`, import.meta.url),
  );

describe("the declared routes", () => {
  it.each([...ALL_ROUTES, openApiRoute].map(({ method, path }) => [method, path] as const))(
    "%s %s is answered by the file at its path",
    async (method, path) => {
      const file = fileOf(path);
      await access(file);
      const handlers = (await import(/* @vite-ignore */ file)) as Record<string, unknown>;
      expect(handlers[method]).toBeTypeOf("function");
    },
  );

  it("are declared once each", () => {
    const names = ALL_ROUTES.map(({ method, path }) => `${method} ${path}`);
    expect(new Set(names).size).toBe(names.length);
  });
});
