import { expect } from "vitest";
import type { AnswerVerdict } from "./answer-cases.ts";
import { eventually } from "../../harness/process.ts";
import type { Seen, SeenAnswer } from "./answer-clients.ts";
import type { HttpLab } from "./http-lab.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const NOTHING = /^(?!)/;

/** What a client must have seen, by whatever version of HTTP. */
export function expectVerdict(seen: Seen, verdict: AnswerVerdict): void {
  const isAllowed = (kind: string) => typeof verdict === "string" && verdict.includes(kind);
  if (seen === null) return expect(isAllowed("cut"), "cut off").toBe(true);
  const isByEdge = seen.fields.some((field) => field.startsWith("culvert-error: "));
  if (isAllowed("failed") && (isByEdge || !isAllowed("whole"))) return expectFailed(seen);
  expect(isAllowed("cut") && !isAllowed("whole"), "whole where it should be cut").toBe(false);
  const wanted = typeof verdict === "string" ? { body: "abc" } : verdict;
  const { body, status = 200, interim = [], has = [], lacks = NOTHING, trailers = [] } = wanted;
  const { fields, interimFields } = seen;
  expect(seen).toMatchObject({ status, body, interim, trailers });
  expect(fields).toEqual(expect.arrayContaining([...has]));
  expect([...interimFields, ...fields, ...seen.trailers].join("\n")).not.toMatch(lacks);
}

/** The edge says itself that the service gave no answer. */
function expectFailed({ status, fields, body }: SeenAnswer): void {
  expect({ status, body }).toMatchObject({ status: 502 });
  expect(fields).toContain("culvert-error: backend_failed");
  expect(fields).toContain("content-type: application/json");
  const { error } = JSON.parse(body) as { error: { code: unknown; requestId: string } };
  expect(error.code).toBe("backend_failed");
  expect(error.requestId).toMatch(UUID);
  expect(fields).toContain(`x-request-id: ${error.requestId}`);
}

/** Relay and agent live on as they were, and no request is in flight. */
export async function expectNothingLeft(lab: HttpLab, relayPid: number): Promise<void> {
  await eventually("no request is in flight", async () => {
    const { connections } = await lab.tunnelNow();
    return connections.open === 0 || undefined;
  });
  expect(lab.relayPid()).toBe(relayPid);
  expect(lab.agent.child.exitCode).toBeNull();
  for (const output of [lab.server.output(), lab.agent.output()]) {
    expect(output).not.toMatch(/"level":"(error|fatal)"|uncaught|unhandled/i);
  }
}
