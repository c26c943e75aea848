import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CLOSE_CODES } from "./close-codes.ts";
import { CONTROL_MESSAGES } from "./messages.ts";
import { DIAL_STATUSES } from "./stream-header.ts";

/** Without the blanks that align the tables. */
const document = readFileSync(new URL("../../docs/protocol.md", import.meta.url), "utf8").replace(
  / +/g,
  " ",
);

describe("docs/protocol.md", () => {
  it.each(Object.entries(CONTROL_MESSAGES))(
    "lists the control message %s with its sender",
    (type, spec) => {
      expect(document).toContain(`| \`${type}\` | ${spec.from} |`);
    },
  );

  it.each(Object.entries(CLOSE_CODES))(
    "lists the close code %s as the code has it",
    (name, spec) => {
      expect(document).toContain(
        `| ${spec.code} | \`${name}\` | ${spec.meaning} | ${spec.agentRetries} |`,
      );
    },
  );

  it.each(Object.entries(DIAL_STATUSES))("lists the dial status %s", (name, spec) => {
    const record = spec.closeReason === null ? "–" : `\`${spec.closeReason}\``;
    const row = new RegExp(`\\| ${spec.status} \\| \`${name}\` \\| .+ \\| ${record} \\|`);
    expect(document).toMatch(row);
  });
});
