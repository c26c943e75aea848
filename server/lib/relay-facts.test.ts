import { describe, expect, it } from "vitest";
import { ClusterId } from "#protocol/api/ids.ts";
import { RelayEvent } from "#protocol/relay/events.ts";
import { FACT_CHANNELS, publishFact, subscribeFacts } from "./relay-facts.ts";

const refusal: RelayEvent = {
  kind: "refusal",
  refusal: {
    at: 1,
    clusterId: ClusterId.parse("cl_00000000000000000001"),
    code: 401,
    reason: "unknown",
    address: "127.0.0.1",
  },
};

describe("relay facts", () => {
  it("reach who listens, at once, until the subscription ends", () => {
    const heard: RelayEvent[] = [];
    const end = subscribeFacts((fact) => void heard.push(fact));
    publishFact(refusal);
    end();
    end();
    publishFact(refusal);
    expect(heard).toEqual([refusal]);
  });

  it("have a channel for every kind of event of the protocol", () => {
    const kinds = RelayEvent.options.map((option) => option.shape.kind.value);
    expect(Object.keys(FACT_CHANNELS).sort()).toEqual([...kinds].sort());
  });
});
