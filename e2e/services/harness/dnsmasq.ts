import { findFreePort } from "../../harness/process.ts";
import { askByUdp } from "./dns-client.ts";
import { encodeQuery } from "./dns-message.ts";
import { startExternal } from "./external.ts";

export const HOSTS = 200;
/** Strings of TXT `big.test`: together more than the 512 bytes of plain DNS, less than the 1,232 of EDNS. */
const BIG_STRINGS = 5;
const STRING_BYTES = 180;

export interface DnsServer {
  readonly port: number;
  stop(): Promise<void>;
}

export const addressOf = (n: number): string => `192.0.2.${n + 1}`;
export const nameOf = (n: number): string => `host-${n}.test`;

/** A real DNS server on loopback, UDP and TCP, which knows `host-0.test` to `host-199.test` and `big.test`. */
export async function startDnsmasq(): Promise<DnsServer> {
  const port = await findFreePort();
  const hosts = Array.from(
    { length: HOSTS },
    (_, n) => `--host-record=${nameOf(n)},${addressOf(n)}`,
  );
  const big = Array.from({ length: BIG_STRINGS }, (_, n) => String(n).repeat(STRING_BYTES));
  const server = await startExternal({
    command: "dnsmasq",
    args: [
      "--keep-in-foreground",
      "--conf-file=/dev/null",
      "--no-resolv",
      "--no-hosts",
      "--no-daemon",
      "--user=",
      "--group=",
      "--pid-file=",
      `--port=${port}`,
      "--listen-address=127.0.0.1",
      "--bind-interfaces",
      "--edns-packet-max=1232",
      `--txt-record=big.test,${big.join(",")}`,
      ...hosts,
    ],
    isReady: async () => {
      const answer = askByUdp(port, encodeQuery(1, nameOf(0), "A"));
      return answer.then(
        ({ answers }) => answers === 1,
        () => false,
      );
    },
  });
  return { port, stop: () => server.stop() };
}
