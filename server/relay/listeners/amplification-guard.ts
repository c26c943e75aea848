/** IP and UDP headers, which a forger pays for too; IPv4's. */
const HEADER_BYTES = 28;
/**
 * Bytes that may go to an unproven source for each that came from it. A DNS query of 40 bytes may so be answered by
 * 2,148: more than the 1,232 that resolvers agreed on (DNS flag day 2020), far less than attackers look for. A choice.
 */
const RATIO = 32;
/** A source that has asked again so often after an answer is taken for real. A choice. */
const TURNS_TO_PROVE = 3;

/**
 * Keeps a UDP association from being a weapon: who writes somebody else's address on a small request shall not have a
 * large answer sent there. Until the source has proven itself by a conversation, answers may be only so much larger
 * than requests.
 *
 * A forger who never sees the answers can feign a conversation only by sending on and on, and each datagram of it is
 * paid for by its own.
 */
export class AmplificationGuard {
  #allowedBytes = 0;
  #turns = 0;
  #wasAnswered = false;

  get isProven(): boolean {
    return this.#turns >= TURNS_TO_PROVE;
  }

  /** A datagram came from the source. */
  asked(bytes: number): void {
    if (this.isProven) return;
    if (this.#wasAnswered) this.#turns += 1;
    this.#wasAnswered = false;
    this.#allowedBytes += (bytes + HEADER_BYTES) * RATIO;
  }

  /** @returns whether a datagram may go to the source; then it counts as sent. */
  mayAnswer(bytes: number): boolean {
    if (this.isProven) return true;
    const cost = bytes + HEADER_BYTES;
    if (cost > this.#allowedBytes) return false;
    this.#allowedBytes -= cost;
    this.#wasAnswered = true;
    return true;
  }
}
