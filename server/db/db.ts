import type { Prisma, PrismaClient } from "./generated/sqlite/client.ts";

/** The database as services see it. */
export type Db = PrismaClient;

/** The database inside a transaction. Never use the outer {@link Db} in there: it waits for the transaction. */
export type Tx = Prisma.TransactionClient;

/** Either: for functions that read or write in whatever transaction they are called. */
export type Queries = Tx;

/**
 * Runs `work` in one transaction: everything it wrote is there afterwards, or nothing.
 *
 * Nothing but database work belongs inside: SQLite has one writer, and everybody else waits for it.
 */
export async function transaction<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  return await db.$transaction(work);
}

/** True when a row with the same unique value was there already. */
export function isUniqueViolation(error: unknown): boolean {
  // By code, not by class: Next's bundle holds its own copy of Prisma's classes.
  return typeof error === "object" && error !== null && "code" in error && error.code === "P2002";
}
