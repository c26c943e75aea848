import { z } from "zod";
import { AppError } from "../errors.ts";
import {
  CONTROL_MESSAGES,
  type ControlMessage,
  type ControlPayload,
  type ControlType,
} from "./messages.ts";

const Envelope = z.object({
  type: z.string().min(1).max(64),
  request_id: z.string().max(128).nullish(),
  payload: z.unknown(),
  timestamp: z.iso.datetime({ offset: true }).optional(),
});

/** Deeper nesting than any message has; a bound for the recursion below. */
const DEPTH_MAX = 16;

const toSnake = (name: string): string => name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
const toCamel = (name: string): string =>
  name.replace(/_([a-z0-9])/g, (_m, c: string) => c.toUpperCase());

function renameKeys(value: unknown, rename: (name: string) => string, depth = 0): unknown {
  if (depth > DEPTH_MAX) throw new AppError("bad_request", "Message is nested too deeply");
  if (Array.isArray(value)) return value.map((item) => renameKeys(item, rename, depth + 1));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      rename(name),
      renameKeys(item, rename, depth + 1),
    ]),
  );
}

/** Serialises one control message: snake_case on the wire, camelCase in our code. */
export function encodeControl<T extends ControlType>(
  type: T,
  payload: ControlPayload<T>,
  options: { readonly requestId?: string | null; readonly now: Date },
): string {
  return JSON.stringify({
    type,
    ...(options.requestId ? { request_id: options.requestId } : {}),
    payload: renameKeys(payload, toSnake),
    timestamp: options.now.toISOString(),
  });
}

/**
 * Parses one text message from the other side.
 *
 * @param from who sent it; a type that this side may not send is refused.
 * @returns null for a type this version does not know: newer peers may say more; it is ignored.
 * @throws AppError `bad_request` for anything malformed. The text names the field, never the content.
 */
export function decodeControl(text: string, from: "server" | "agent"): ControlMessage | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new AppError("bad_request", "Control message is not JSON", { cause });
  }
  const envelope = Envelope.safeParse(json);
  if (!envelope.success) throw invalid("envelope", envelope.error);
  const { type, request_id: requestId } = envelope.data;
  if (!Object.hasOwn(CONTROL_MESSAGES, type)) return null;
  const known = type as ControlType;
  const spec = CONTROL_MESSAGES[known];
  if (spec.from !== "both" && spec.from !== from) {
    throw new AppError("bad_request", `${type} may not be sent by the ${from}`);
  }
  const payload = spec.payload.safeParse(renameKeys(envelope.data.payload ?? {}, toCamel));
  if (!payload.success) throw invalid(type, payload.error);
  return { type: known, requestId: requestId ?? null, payload: payload.data } as ControlMessage;
}

function invalid(where: string, error: z.ZodError): AppError {
  const [issue] = error.issues;
  const field = issue?.path.join(".") ?? "";
  return new AppError("bad_request", `Invalid ${where}: ${field} ${issue?.message ?? ""}`.trim(), {
    details: { field },
  });
}
