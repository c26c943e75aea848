import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";

/** Each source address opens so many at most in a second; below what the relay lets it. */
const OPENED_PER_ROUND = 100;
const ROUND_MS = 1_000;

interface Member {
  readonly socket: Socket;
  isAnswered: boolean;
}

/**
 * Many UDP clients of one relay port, spread over addresses of loopback. Each sends a datagram of its own and takes only
 * that for its answer. Who was not answered asks again, as clients of UDP do.
 */
export class Crowd {
  readonly #port: number;
  readonly #members: Member[] = [];
  #wrong = 0;

  constructor(port: number) {
    this.#port = port;
  }

  get answered(): number {
    return this.#members.filter(({ isAnswered }) => isAnswered).length;
  }

  /** Answers that were somebody else's. */
  get wrong(): number {
    return this.#wrong;
  }

  /** Binds everybody. */
  async gather(addresses: number, perAddress: number): Promise<void> {
    for (let address = 1; address <= addresses; address += 1) {
      await Promise.all(
        Array.from({ length: perAddress }, (_, n) => this.#join(`127.0.${address}.1`, n)),
      );
    }
  }

  /** @returns once everybody was answered, or the deadline has passed. */
  async ask(deadlineMs: number): Promise<void> {
    const endsAt = performance.now() + deadlineMs;
    while (performance.now() < endsAt) {
      const byAddress = new Map<string, number>();
      let isOver = true;
      for (const [index, { socket, isAnswered }] of this.#members.entries()) {
        if (isAnswered) continue;
        isOver = false;
        const { address } = socket.address();
        const asked = byAddress.get(address) ?? 0;
        if (asked >= OPENED_PER_ROUND) continue;
        byAddress.set(address, asked + 1);
        socket.send(String(index), this.#port, "127.0.0.1");
      }
      if (isOver) return;
      // The pace of the load, not a wait for something to happen.
      await pause(ROUND_MS);
    }
  }

  close(): void {
    for (const { socket } of this.#members) socket.close();
  }

  async #join(address: string, salt: number): Promise<void> {
    const socket = createSocket({ type: "udp4", reuseAddr: false });
    const member: Member = { socket, isAnswered: false };
    const index = this.#members.push(member) - 1;
    socket.on("message", (datagram) => {
      if (String(datagram) === String(index)) member.isAnswered = true;
      else this.#wrong += 1;
    });
    // Ports of one's own choice: ten thousand at once could meet what the system is just giving to others.
    socket.bind(PORT_FROM + salt, address);
    await once(socket, "listening");
  }
}

const PORT_FROM = 40_000;
