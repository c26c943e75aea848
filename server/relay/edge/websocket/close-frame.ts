import { randomBytes } from "node:crypto";
import {
  encodeFrameHeader,
  frameHeaderBytes,
  MAX_CONTROL_PAYLOAD_BYTES,
  OPCODE,
} from "#mux/transport/websocket/frame-header.ts";
import { applyMask } from "#mux/transport/websocket/masking.ts";

/** Before the reason. */
const CODE_BYTES = 2;

/**
 * Makes a whole close frame.
 *
 * @param reason cut to what a close frame holds, between characters.
 * @param isMasked for the service: a client's frames are masked.
 *
 * Source: RFC 6455 sections 5.5.1 and 5.3.
 */
export function closeFrame(code: number, reason: string, isMasked: boolean): Uint8Array {
  const payload = new Uint8Array(MAX_CONTROL_PAYLOAD_BYTES);
  payload[0] = code >>> 8;
  payload[1] = code & 0xff;
  const { written } = new TextEncoder().encodeInto(reason, payload.subarray(CODE_BYTES));
  const payloadBytes = CODE_BYTES + written;
  const maskKey = isMasked ? randomBytes(4).readUInt32BE(0) : null;
  const headerBytes = frameHeaderBytes(payloadBytes, isMasked);
  const frame = new Uint8Array(headerBytes + payloadBytes);
  encodeFrameHeader(frame, { opcode: OPCODE.close, payloadBytes, maskKey });
  frame.set(payload.subarray(0, payloadBytes), headerBytes);
  if (maskKey !== null) applyMask(frame.subarray(headerBytes), maskKey, 0);
  return frame;
}
