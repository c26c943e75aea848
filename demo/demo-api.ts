import { ClusterDto } from "#protocol/api/clusters.ts";
import { TunnelPage, type TunnelDto } from "#protocol/api/tunnels.ts";

const ANSWER_TIMEOUT_MS = 10_000;
const POLL_MS = 100;

/** The little that the demo asks of the HTTP API. */
export class DemoApi {
  readonly #base: string;
  readonly #apiKey: string;

  constructor(base: string, apiKey: string) {
    this.#base = base;
    this.#apiKey = apiKey;
  }

  /** False when the cluster is gone, or the key. */
  async hasCluster(clusterId: string): Promise<boolean> {
    const answer = await this.#get(`/clusters/${clusterId}`);
    return answer.ok && ClusterDto.safeParse(await answer.json()).success;
  }

  /**
   * Waits until so many tunnels of a cluster are reachable on a relay port.
   *
   * @throws when that takes too long, with what the server says of them.
   */
  async waitForTunnels(
    clusterId: string,
    count: number,
    until: { readonly timeoutMs: number; readonly signal: AbortSignal },
  ): Promise<TunnelDto[]> {
    const deadline = performance.now() + until.timeoutMs;
    for (;;) {
      const tunnels = await this.#listTunnels(clusterId);
      const active = tunnels.filter(
        ({ phase, endpoints }) =>
          phase === "active" &&
          // Active may be left from a run before; the relay listens when it says so.
          endpoints.some(({ verifiedAt }) => verifiedAt !== null),
      );
      if (active.length >= count) return active;
      if (until.signal.aborted || performance.now() > deadline)
        throw new Error(describeWait(tunnels, count));
      await new Promise((wake) => setTimeout(wake, POLL_MS));
    }
  }

  async #listTunnels(clusterId: string): Promise<TunnelDto[]> {
    const answer = await this.#get(`/tunnels?clusterId=${clusterId}`);
    if (!answer.ok) throw new Error(`The API answered with status ${answer.status}.`);
    return TunnelPage.parse(await answer.json()).items;
  }

  #get(path: string): Promise<Response> {
    return fetch(`${this.#base}/api/v1${path}`, {
      headers: { authorization: `Bearer ${this.#apiKey}` },
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
  }
}

function describeWait(tunnels: readonly TunnelDto[], count: number): string {
  const reasons = tunnels.map(
    ({ gateway, listener, phase, phaseReason }) =>
      `${gateway.namespace}/${gateway.name} ${listener.name} is ${phase}${phaseReason === null ? "" : ` (${phaseReason})`}`,
  );
  const seen =
    reasons.length === 0 ? "The agent has not reported anything." : `${reasons.join("; ")}.`;
  return `The ${count} demo tunnels did not become active. ${seen}`;
}
