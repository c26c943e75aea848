import { z } from "zod";
import { ErrorBody } from "#protocol/api/common.ts";
import type { AnyRoute } from "./route.ts";

type Json = Readonly<Record<string, unknown>>;

/** Where the routes of {@link AnyRoute} live. */
export const API_PREFIX = "/api/v1";

/** Describes the routes from the same declarations that answer requests. */
export function toOpenApi(routes: readonly AnyRoute[], version: string): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const path = `${API_PREFIX}${route.path}`;
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: toOperation(route) };
  }
  return {
    openapi: "3.1.0",
    info: { title: "Culvert", version, license: { name: "Apache-2.0" } },
    security: [{ apiKey: [] }, { session: [] }],
    paths,
    components: {
      schemas: { Error: toSchema(ErrorBody, "output") },
      responses: {
        Error: {
          description: "Refused or failed: the code says why",
          content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
        },
      },
      securitySchemes: {
        apiKey: { type: "http", scheme: "bearer", description: "An API key" },
        session: { type: "apiKey", in: "cookie", name: "culvert.session_token" },
      },
    },
  };
}

function toOperation(route: AnyRoute): Json {
  const status = route.response === undefined ? "204" : String(route.status ?? 200);
  const body = route.body as z.ZodType | undefined;
  return {
    summary: route.summary,
    tags: [route.path.split("/")[1] ?? ""],
    ...(route.role === "nobody" ? { security: [] } : {}),
    "x-role": route.role,
    parameters: [...toParameters(route.params, "path"), ...toParameters(route.query, "query")],
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: toContent(toSchema(body, "input")) } }),
    responses: {
      [status]: toAnswer(route.response as z.ZodType | undefined),
      default: { $ref: "#/components/responses/Error" },
    },
  };
}

function toAnswer(response: z.ZodType | undefined): Json {
  if (response === undefined) return { description: "Done" };
  return { description: "Done", content: toContent(toSchema(response, "output")) };
}

function toContent(schema: Json): Json {
  return { "application/json": { schema } };
}

function toParameters(schema: z.ZodType | undefined, where: "path" | "query"): Json[] {
  if (schema === undefined) return [];
  const { properties, required } = z
    .object({
      properties: z.record(z.string(), z.unknown()).default({}),
      required: z.array(z.string()).default([]),
    })
    .parse(toSchema(schema, "input"));
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: where,
    required: where === "path" || required.includes(name),
    schema: property,
  }));
}

function toSchema(schema: z.ZodType, io: "input" | "output"): Json {
  const entries = Object.entries(z.toJSONSchema(schema, { io, unrepresentable: "any" }));
  // OpenAPI 3.1 names the dialect once, for all.
  return Object.fromEntries(entries.filter(([name]) => name !== "$schema"));
}
