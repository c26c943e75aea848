import type { ByteSocket } from "#mux/socket/byte-socket.ts";
import type { MuxStreamPort } from "#mux/stream/mux-stream-port.ts";
import type { CloseReason } from "#protocol/api/connections.ts";
import type { AgentId } from "#protocol/api/ids.ts";
import type { Route } from "../routing/route-table.ts";

/** An agent link as the data path sees it. */
export interface StreamLink {
  readonly agentId: AgentId;
  readonly agentName: string;
  /** It drains or is gone: what is open goes on, and nothing new should. */
  readonly isLeaving: boolean;
  /** @throws AppError when it cannot take a stream now. */
  openStream(): MuxStreamPort;
}

/** Where links come from; the hub's registry. */
export interface LinkSource {
  /** @returns null when no link can take a stream for this listener now. */
  pickLink(clusterId: string, keyText: string): StreamLink | null;
  /** True when some link serves the listener, if perhaps not at this moment. */
  isServed(clusterId: string, keyText: string): boolean;
  /** Calls back once with a link that can take a stream. @returns gives up waiting. */
  waitForLink(clusterId: string, keyText: string, onLink: (link: StreamLink) => void): () => void;
  /** A stream ended: who waits may have its place. */
  wake(clusterId: string): void;
}

/** What is served now. */
export interface RouteSource {
  findRoute(tunnelId: string): Route | null;
}

export interface DirectDial {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** A socket, or why there is none. */
export type DirectAnswer =
  | { readonly socket: ByteSocket }
  | { readonly socket: null; readonly closeReason: CloseReason; readonly detail: string };

/** The way to the Gateways' own addresses, past the agents. */
export interface DirectWay {
  /** True while the tunnel's own address answers. */
  isVerified(tunnelId: string): boolean;
  /** Connects to the verified address. Never rejects. */
  dial(tunnelId: string, dial: DirectDial): Promise<DirectAnswer>;
}
