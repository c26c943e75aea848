import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseManifest } from "./parse-manifest.ts";

const SERVICE = `apiVersion: v1
kind: Service
metadata: { name: db, namespace: shop }
spec:
  ports:
    - port: 5432
`;

describe("parseManifest", () => {
  it("reads several documents, with their lines", () => {
    const parsed = parseManifest(
      `# head\n---\n${SERVICE}---\n${SERVICE.replace("db", "web")}---\n`,
    );
    expect(parsed).toMatchObject({
      ok: true,
      objects: [
        { line: 3, object: { kind: "Service", metadata: { name: "db", namespace: "shop" } } },
        { line: 10, object: { metadata: { name: "web" } } },
      ],
    });
  });

  it("reads JSON and lists", () => {
    const item = { apiVersion: "v1", kind: "Service", metadata: { name: "db" }, spec: {} };
    const parsed = parseManifest(JSON.stringify({ kind: "List", items: [item, item] }, null, 2));
    expect(parsed).toMatchObject({
      ok: true,
      objects: [{}, { object: { metadata: { namespace: "default" } } }],
    });
  });

  it("finds nothing in an empty file", () => {
    for (const text of ["", "\n", "# only words\n", "---\n---\n"]) {
      expect(parseManifest(text)).toEqual({ ok: true, objects: [], notes: [] });
    }
  });

  it("passes over kinds that say nothing about what to publish", () => {
    const text = "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: x }\n";
    expect(parseManifest(text)).toEqual({ ok: true, objects: [], notes: [] });
  });

  it("mentions what looks like a typing error", () => {
    const typo =
      "apiVersion: gateway.networking.k8s.io/v1\nkind: TCPRotue\nmetadata: { name: x }\n";
    expect(parseManifest(typo)).toMatchObject({ ok: true, objects: [], notes: [{ line: 2 }] });
    const group = SERVICE.replace("v1", "example.com/v1");
    expect(parseManifest(group)).toMatchObject({ ok: true, objects: [], notes: [{ line: 1 }] });
  });

  it.each([
    ["broken YAML", "kind: [\n", 2],
    ["no kind", "hello: world\n", 1],
    ["no apiVersion", SERVICE.replace("apiVersion: v1\n", ""), 1],
    ["a port out of range", SERVICE.replace("5432", "70000"), 6],
    ["a second document that is wrong", `${SERVICE}---\nkind: Service\n`, 8],
    ["a name that is missing", SERVICE.replace("name: db, ", ""), 3],
    ["a JSON file cut off", '{\n  "kind": "Service",\n', 3],
  ])("refuses the whole file and names the line: %s", (_what, text, line) => {
    const parsed = parseManifest(text);
    expect(parsed.ok).toBe(false);
    if (!parsed.ok) expect(parsed.problems[0]).toMatchObject({ line });
  });

  it("does not let aliases blow up memory", () => {
    const levels = Array.from(
      { length: 30 },
      (_none, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`,
    );
    const parsed = parseManifest(`kind: Service\na0: &a0 x\n${levels.join("\n")}\n`);
    expect(parsed.ok).toBe(false);
  });

  it("answers any text with objects or with problems, and throws nothing", () => {
    fc.assert(
      fc.property(fc.string(), fc.boolean(), (text, isBehind) => {
        const parsed = parseManifest(isBehind ? `${SERVICE}---\n${text}` : text);
        expect(parsed.ok ? parsed.objects.length >= 0 : parsed.problems.length > 0).toBe(true);
      }),
    );
  });
});
