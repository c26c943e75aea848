import { backendRef, httpRoute } from "./http-objects.ts";

const path = (value: string, type = "PathPrefix") => ({ path: { type, value } });

/** HTTPRoutes with every match and filter, to Services `one`, `two`, `three`, `mirror`, and `refusing`. */
export const SAMPLE_ROUTES = [
  httpRoute("any-shop", ["*.shop.test"], { backendRefs: [backendRef("one")] }),
  httpRoute("one-shop", ["a.shop.test"], { backendRefs: [backendRef("two")] }),
  httpRoute("deep-shop", ["*.b.shop.test"], { backendRefs: [backendRef("three")] }),
  httpRoute(
    "matches",
    ["match.test"],
    { matches: [path("/")], backendRefs: [backendRef("one")] },
    { matches: [path("/api")], backendRefs: [backendRef("two")] },
    { matches: [path("/api/exact", "Exact")], backendRefs: [backendRef("three")] },
    { matches: [path("/re/[0-9]+/x", "RegularExpression")], backendRefs: [backendRef("three")] },
    { matches: [{ ...path("/api"), method: "DELETE" }], backendRefs: [backendRef("three")] },
    {
      matches: [{ ...path("/api"), headers: [{ name: "X-Beta", value: "yes" }] }],
      backendRefs: [backendRef("one")],
    },
    {
      matches: [{ ...path("/api"), queryParams: [{ name: "v", value: "2" }] }],
      backendRefs: [backendRef("three")],
    },
  ),
  httpRoute(
    "filters",
    ["filter.test"],
    {
      matches: [path("/headers")],
      filters: [
        {
          type: "RequestHeaderModifier",
          requestHeaderModifier: {
            set: [{ name: "X-Set", value: "new" }],
            add: [{ name: "X-Add", value: "more" }],
            remove: ["X-Remove"],
          },
        },
        {
          type: "ResponseHeaderModifier",
          responseHeaderModifier: {
            set: [{ name: "X-Answer", value: "yes" }],
            remove: ["X-Private"],
          },
        },
      ],
      backendRefs: [backendRef("one")],
    },
    {
      matches: [path("/old")],
      filters: [
        {
          type: "URLRewrite",
          urlRewrite: {
            hostname: "inside.test",
            path: { type: "ReplacePrefixMatch", replacePrefixMatch: "/new" },
          },
        },
      ],
      backendRefs: [backendRef("one")],
    },
    {
      matches: [path("/moved")],
      filters: [
        {
          type: "RequestRedirect",
          requestRedirect: {
            scheme: "https",
            hostname: "other.test",
            path: { type: "ReplacePrefixMatch", replacePrefixMatch: "/here" },
            statusCode: 301,
          },
        },
      ],
    },
    {
      matches: [path("/copied")],
      filters: [{ type: "RequestMirror", requestMirror: { backendRef: backendRef("mirror") } }],
      backendRefs: [backendRef("one")],
    },
  ),
  httpRoute("weights", ["weight.test"], {
    backendRefs: [
      { ...backendRef("one"), weight: 3 },
      { ...backendRef("two"), weight: 1 },
      { ...backendRef("three"), weight: 0 },
    ],
  }),
  httpRoute("retried", ["retry.test"], {
    backendRefs: [
      { ...backendRef("refusing"), weight: 1_000 },
      { ...backendRef("one"), weight: 1 },
    ],
  }),
];
