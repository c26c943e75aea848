import { AuditPage } from "#protocol/api/audit.ts";
import { ConnectionPage } from "#protocol/api/connections.ts";
import { TunnelDto } from "#protocol/api/tunnels.ts";
import { isOpen, relayPort, startShop, waitForTunnel } from "../fixtures/shop.ts";
import { expect, test } from "../fixtures/test.ts";
import { download, expectedHash, startByteSource } from "../harness/byte-source.ts";
import { CulvertServer } from "../harness/culvert.ts";
import { eventually } from "../harness/process.ts";

const GIBIBYTE = 1024;
const MEBIBYTE_BYTES = 1024 * 1024;

test.describe("when a process dies", () => {
  test.setTimeout(180_000);

  test("the web process: a 1 GiB transfer loses no byte, and the counters are right afterwards", async () => {
    const server = await CulvertServer.start();
    const source = await startByteSource(GIBIBYTE);
    try {
      const shop = await startShop(server, "bulk", `bulk=tcp://127.0.0.1:${source.port}`);
      let isKilled = false;
      const result = await download(shop.port, (bytes) => {
        if (!isKilled && bytes > 100 * MEBIBYTE_BYTES) {
          isKilled = true;
          server.killChild("web");
        }
      });
      expect(isKilled).toBe(true);
      expect(result.bytes).toBe(GIBIBYTE * MEBIBYTE_BYTES);
      expect(result.hash).toBe(expectedHash(GIBIBYTE));

      await eventually("the web process is back with the whole count", async () => {
        const tunnel = await server
          .api(TunnelDto, `/tunnels/${shop.tunnel.id}`)
          .catch(() => undefined);
        return tunnel?.bytes.out === GIBIBYTE * MEBIBYTE_BYTES ? tunnel : undefined;
      });
      const closed = await eventually("the connection is recorded", async () => {
        const path = `/connections?state=closed&tunnelId=${shop.tunnel.id}`;
        const { items } = await server.api(ConnectionPage, path);
        return items.length > 0 ? items : undefined;
      });
      expect(closed.map((one) => one.closeReason)).toEqual(["completed"]);
      await shop.agent.stop();
    } finally {
      source.server.close();
      await server.destroy();
    }
  });

  test("the relay: it comes back, the agent returns, the port is the same, and Activity says so", async () => {
    const server = await CulvertServer.start();
    const source = await startByteSource(1);
    try {
      const shop = await startShop(server, "bulk", `bulk=tcp://127.0.0.1:${source.port}`);
      await download(shop.port, () => {});
      server.killChild("relay");
      await eventually("the relay carries again", () =>
        download(shop.port, () => {}).then(
          ({ hash }) => (hash === expectedHash(1) ? true : undefined),
          () => undefined,
        ),
      );
      const tunnel = await waitForTunnel(server, shop.clusterId, isOpen);
      expect(relayPort(tunnel)).toBe(shop.port);
      const { items } = await server.api(AuditPage, "/audit?action=relay.restarted");
      expect(items).toHaveLength(1);
      await shop.agent.stop();
    } finally {
      source.server.close();
      await server.destroy();
    }
  });
});
