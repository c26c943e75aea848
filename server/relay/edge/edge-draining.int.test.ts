import { Agent } from "node:http";
import { createServer as createHttp2 } from "node:http2";
import { afterEach, describe, expect, it } from "vitest";
import type { BackendProtocol } from "#protocol/control/http-routing.ts";
import { ask } from "#server/hub/testing/ask.ts";
import {
  createEdgeBook,
  httpInventory,
  httpTunnelOf,
  OWN_NAME,
  ruleOf,
} from "#server/hub/testing/edge-lab.ts";
import { listenAnywhere } from "#server/hub/testing/relay-harness.ts";
import { backendOf } from "./testing/http-rule.ts";

const lab = createEdgeBook();
afterEach(lab.close);

interface Answering {
  end(text: string): unknown;
}

/** A service that answers by its callback. @returns its port. */
async function serviceOf(protocol: BackendProtocol, onAsked: (response: Answering) => void) {
  if (protocol === "http1") return lab.service((_request, response) => onAsked(response));
  const server = createHttp2((_request, response) => onAsked(response));
  lab.onClose(() => void server.close());
  return listenAnywhere(server);
}

describe("an agent that drains", () => {
  it.each(["http1", "h2c"] as const)(
    "keeps what is under way by %s, and gets nothing more",
    async (protocol) => {
      const asked = Promise.withResolvers<Answering>();
      const first = await serviceOf(protocol, asked.resolve);
      const second = await serviceOf(protocol, (response) => response.end("second"));
      const rule = ruleOf({ backends: [backendOf("web", { protocol })] });
      const { edgePort, agent, harness } = await lab.start(httpTunnelOf([rule]), { web: first });
      const underWay = ask(edgePort, { host: OWN_NAME });
      const response = await asked.promise;
      const other = harness.agent({ agentId: "host-2", target: () => second });
      await other.start(httpInventory());
      agent.send("drain", { reason: "upgrade" });
      await harness.web.event("link_changed", ({ link }) => link.draining);
      response.end("first");
      expect(await underWay).toMatchObject({ status: 200, body: "first" });
      expect(await ask(edgePort, { host: OWN_NAME })).toMatchObject({ body: "second" });
    },
  );

  it.each(["http1", "h2c"] as const)(
    "is soon rid of connections by %s that nobody uses",
    async (protocol) => {
      const web = await serviceOf(protocol, (response) => response.end("ok"));
      const rule = ruleOf({ backends: [backendOf("web", { protocol })] });
      const { edgePort, agent, harness } = await lab.start(httpTunnelOf([rule]), { web });
      await ask(edgePort, { host: OWN_NAME });
      agent.send("drain", { reason: "upgrade" });
      await harness.web.event("link_changed", ({ link }) => link.draining);
      harness.relay.sweep();
      const { link } = await harness.web.event("link_changed", (each) => each.link.streams === 0);
      expect(link.draining).toBe(true);
    },
  );
});

describe("a relay that drains", () => {
  it("keeps what is under way, and sends its clients elsewhere", async () => {
    const asked = Promise.withResolvers<Answering>();
    const web = await serviceOf("http1", asked.resolve);
    const { edgePort, harness } = await lab.start(httpTunnelOf([ruleOf()]), { web });
    const agent = new Agent({ keepAlive: true });
    lab.onClose(() => agent.destroy());
    const underWay = ask(edgePort, { host: OWN_NAME, agent });
    const response = await asked.promise;
    const stopped = harness.relay.stop(10_000);
    response.end("ok");
    expect(await underWay).toMatchObject({ status: 200, headers: { connection: "close" } });
    await stopped;
  });
});
