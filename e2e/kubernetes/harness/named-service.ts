import { once } from "node:events";
import { connect, createServer, type AddressInfo } from "node:net";

const ANSWER_DEADLINE_MS = 10_000;

export interface NamedService {
  readonly port: number;
  close(): Promise<void>;
}

/** A real TCP service that says its name to whoever connects, and ends. */
export async function startNamedService(name: string, address: string): Promise<NamedService> {
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.end(name);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, address, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Connects as a client would. @returns the name that answers; null when the connection is refused or cut. */
export async function askName(port: number): Promise<string | null> {
  const socket = connect({ port, host: "127.0.0.1" });
  const signal = AbortSignal.timeout(ANSWER_DEADLINE_MS);
  signal.addEventListener("abort", () => socket.destroy(new Error("no answer in time")));
  let text = "";
  try {
    for await (const chunk of socket) text += String(chunk);
  } catch (error) {
    if (signal.aborted) throw error;
    return null;
  }
  return text === "" ? null : text;
}

/** Whether somebody listens there, without saying anything to them. */
export async function isOpenPort(port: number): Promise<boolean> {
  const socket = connect({ port, host: "127.0.0.1" });
  try {
    await once(socket, "connect", { signal: AbortSignal.timeout(ANSWER_DEADLINE_MS) });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ECONNREFUSED") return false;
    throw error;
  } finally {
    socket.destroy();
  }
}

/** How often each name answers; refused connections count under `refused`. */
export async function countNames(
  port: number,
  connections: number,
): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  for (let n = 0; n < connections; n += 1) {
    const name = (await askName(port)) ?? "refused";
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
