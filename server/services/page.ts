import { z } from "zod";
import type { Page } from "#protocol/api/common.ts";
import { AppError } from "#protocol/errors.ts";

/** Where a page ended: the time and the id of its last row. */
export interface Position {
  readonly at: Date;
  readonly id: string;
}

/** The last moment a Date can hold, milliseconds since the epoch. Fixed by ECMAScript. */
const TIME_MAX = 8_640_000_000_000_000;

const Cursor = z.tuple([z.number().int().min(0).max(TIME_MAX), z.string().min(1).max(60)]);

export function encodeCursor(position: Position): string {
  return Buffer.from(JSON.stringify([position.at.getTime(), position.id])).toString("base64url");
}

/** @throws AppError `bad_request` for anything that we did not hand out. */
export function decodeCursor(cursor: string): Position {
  try {
    const [at, id] = Cursor.parse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")));
    return { at: new Date(at), id };
  } catch (cause) {
    throw new AppError("bad_request", "The cursor is not valid", { cause });
  }
}

/**
 * Turns up to `limit + 1` rows into a page: the extra row only says that there is more.
 *
 * @param positionOf where a row stands in the list's order.
 */
export function toPage<Row, Item>(
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => Item,
  positionOf: (row: Row) => Position,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const hasMore = rows.length > limit && last !== undefined;
  return {
    items: shown.map(toItem),
    nextCursor: hasMore ? encodeCursor(positionOf(last)) : null,
  };
}
