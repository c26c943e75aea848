import type { DatagramSocket } from "#mux/socket/datagram-socket.ts";
import type { UpstreamAddress, UpstreamBackend } from "../discovery/discovery.ts";

interface UdpSession {
  readonly key: string;
  readonly target: UpstreamAddress;
  readonly socket: DatagramSocket;
}

/**
 * The UDP sessions that are carried, by where they lead.
 *
 * A TCP connection to a pod that is gone breaks. Over UDP a client that goes on sending would keep its session to nobody
 * alive for ever, so a session ends when its address is no longer one of the listener's.
 */
export class UdpSessions {
  readonly #sessions = new Set<UdpSession>();

  /** @returns what to call when it is over. */
  add(session: UdpSession): () => void {
    this.#sessions.add(session);
    return () => void this.#sessions.delete(session);
  }

  /** Ends sessions that lead elsewhere than the listener does now. The relay opens another with the next datagram. */
  endMoved(findTargets: (key: string) => readonly UpstreamBackend[] | null): void {
    const found = new Map<string, ReadonlySet<string> | null>();
    for (const { key, target, socket } of [...this.#sessions]) {
      let addresses = found.get(key);
      if (addresses === undefined) {
        const backends = findTargets(key);
        addresses = backends && new Set(backends.flatMap((one) => one.addresses.map(textOf)));
        found.set(key, addresses);
      }
      // A listener that is not published any more is the server's affair: it releases its tunnel.
      if (addresses !== null && !addresses.has(textOf(target))) socket.expire();
    }
  }
}

const textOf = ({ host, port }: UpstreamAddress): string => `${host} ${port}`;
