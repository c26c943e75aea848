import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CLOSE_CODES } from "./close-codes.ts";
import { HTTP_ROUTING_LIMITS } from "./http-routing.ts";
import { CONTROL_LIMITS, HEARTBEAT_INTERVAL_MS } from "./limits.ts";
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

  const n = (value: number) => value.toLocaleString("en");
  const L = CONTROL_LIMITS;
  const H = HTTP_ROUTING_LIMITS;
  it.each([
    ["text message before `register`", `${n(L.unregisteredMessageBytes)} bytes`],
    ["text message after it", `${n(L.messageBytes)} bytes`],
    ["from upgrade to `register`", `${L.handshakeTimeoutMs / 1_000} s`],
    ["sockets that have not registered, each relay process", n(L.unregisteredSockets)],
    ["links of one cluster to one relay process", n(L.linksPerCluster)],
    ["silence on a link", `2 × heartbeat interval (${HEARTBEAT_INTERVAL_MS / 1_000} s)`],
    ["Gateways in an inventory", n(L.gateways)],
    ["listeners of a Gateway", n(L.listenersPerGateway)],
    ["addresses of a Gateway", n(L.addressesPerGateway)],
    ["routes, backends of a listener", `${n(L.routesPerListener)}, ${n(L.backendsPerListener)}`],
    ["rules of an HTTP listener", n(H.rules)],
    ["host names, matches of a rule", `${n(H.hostnames)}, ${n(H.matches)}`],
    ["headers or query parameters of a match", n(H.conditions)],
    [
      "filters, backends of a rule; filters of a backend",
      `${n(H.filters)}, ${n(H.backends)}, ${n(H.filters)}`,
    ],
    ["headers that a filter sets, adds or removes", Array(3).fill(n(H.headers)).join(", ")],
    ["a path, header value or pattern", `${n(H.value)} characters`],
    ["problems in an inventory", n(L.problems)],
    ["addresses of LoadBalancers in an inventory", n(L.loadBalancers)],
    [
      "listeners in one `published`, endpoints of each",
      `${n(L.publishedListeners)}, ${n(L.endpointsPerListener)}`,
    ],
    ["one text of an inventory", `${n(L.text)} characters`],
    [
      "stream header, its answer (JSON)",
      `${n(L.streamHeaderBytes)}, ${n(L.streamReplyBytes)} bytes`,
    ],
  ])("gives the bound of %s as the code has it", (what, bound) => {
    expect(document).toContain(`| ${what} | ${bound} |`);
  });

  it.each(Object.entries(DIAL_STATUSES))("lists the dial status %s", (name, spec) => {
    const record = spec.closeReason === null ? "–" : `\`${spec.closeReason}\``;
    const row = new RegExp(`\\| ${spec.status} \\| \`${name}\` \\| .+ \\| ${record} \\|`);
    expect(document).toMatch(row);
  });
});
