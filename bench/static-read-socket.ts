import { connect, Socket, type SocketConstructorOpts } from "node:net";

/** Big enough to empty a socket's receive buffer in few calls, small enough to stay in the processor's cache. */
const READ_BYTES = 256 * 1024;

/** Every socket of the process reads into this: bulk bytes cost the load generator one copy and no allocation. */
const SHARED = Buffer.alloc(READ_BYTES);

/** @param view valid during the call only. */
export type OnBytes = (view: Buffer) => void;

function createOnRead(onBytes: OnBytes) {
  return {
    buffer: SHARED,
    callback: (byteCount: number) => {
      onBytes(SHARED.subarray(0, byteCount));
      return true;
    },
  };
}

/** Connects to a port of this machine. */
export function connectTo(port: number, onBytes: OnBytes): Socket {
  const socket = connect({
    port,
    host: "127.0.0.1",
    allowHalfOpen: true,
    noDelay: true,
    onread: createOnRead(onBytes),
  });
  return socket;
}

/** Moves an accepted, paused socket to one that reads into the shared buffer. */
export function acceptFrom(accepted: Socket, onBytes: OnBytes): Socket {
  const internals = accepted as unknown as { _handle: unknown };
  const options: SocketConstructorOpts = { allowHalfOpen: true, onread: createOnRead(onBytes) };
  const socket = new Socket(Object.assign(options, { handle: internals._handle }));
  internals._handle = null;
  socket.setNoDelay(true);
  return socket;
}
