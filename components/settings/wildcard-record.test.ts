import { expect, it } from "vitest";
import { wildcardRecord } from "./wildcard-record.ts";

it.each([
  ["relay.example.com", "*.edge.example.com. IN CNAME relay.example.com."],
  ["198.51.100.7", "*.edge.example.com. IN A 198.51.100.7"],
  ["2001:db8::7", "*.edge.example.com. IN AAAA 2001:db8::7"],
  ["[2001:db8::7]", "*.edge.example.com. IN AAAA 2001:db8::7"],
])("leads every name to %s", (host, record) => {
  expect(wildcardRecord("edge.example.com", host)).toBe(record);
});

it.each(["127.0.0.1", "localhost", "::1"])(
  "gives an example in place of %s, which nobody else reaches",
  (host) => {
    expect(wildcardRecord("edge.example.com", host)).toMatch(/ (203\.0\.113\.10|2001:db8::10)$/);
  },
);
