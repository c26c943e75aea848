import { createHash } from "node:crypto";
import { once } from "node:events";
import { digestOfContent, sendContent } from "../content.ts";
import { connectTo } from "../static-read-socket.ts";
import { DIGEST_BYTES, REQUEST } from "../wire.ts";
import type { CheckJob } from "./job.ts";

export interface ContentCheck {
  readonly isIntact: boolean;
}

/** Sends content up, has it digested there, reads it back down and digests it here. */
export async function checkContent(job: CheckJob): Promise<ContentCheck> {
  const expected = digestOfContent();
  const hash = createHash("sha256");
  const remote = Buffer.alloc(DIGEST_BYTES);
  let remoteBytes = 0;
  const socket = connectTo(job.port, (view) => {
    const taken = view.copy(remote, remoteBytes, 0);
    remoteBytes += taken;
    hash.update(view.subarray(taken));
  });
  socket.write(Buffer.of(REQUEST.check));
  sendContent(socket, () => undefined);
  await once(socket, "end");
  socket.destroy();
  return { isIntact: remote.equals(expected) && hash.digest().equals(expected) };
}
