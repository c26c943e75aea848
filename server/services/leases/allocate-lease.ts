import { z } from "zod";
import type { Tx } from "#server/db/db.ts";

const LAST_PORT_KEY = "leases.last_port";

export interface LeaseOptions {
  readonly tunnelId: string;
  readonly ports: { readonly from: number; readonly to: number };
  readonly at: Date;
  readonly moves?: number;
}

/**
 * Binds a relay port to a tunnel.
 *
 * Ports are taken in turn: one that was given back is not handed out again until the range is through, so that a
 * client which still dials an old port does not reach another service.
 *
 * @returns the port; null when every port of the range is leased.
 */
export async function allocateLease(tx: Tx, options: LeaseOptions): Promise<number | null> {
  const { from, to } = options.ports;
  const last = await readLastPort(tx);
  const start = last === null || last < from || last >= to ? from : last + 1;
  const port = (await firstFree(tx, start, to)) ?? (await firstFree(tx, from, start - 1));
  if (port === null) return null;
  await tx.portLease.create({
    data: {
      tunnelId: options.tunnelId,
      port,
      createdAt: options.at,
      moves: options.moves ?? 0,
    },
  });
  const facts = { value: JSON.stringify(port), setBy: "Culvert", setAt: options.at };
  await tx.setting.upsert({
    where: { key: LAST_PORT_KEY },
    create: { key: LAST_PORT_KEY, ...facts },
    update: facts,
  });
  return port;
}

async function readLastPort(tx: Tx): Promise<number | null> {
  const row = await tx.setting.findUnique({ where: { key: LAST_PORT_KEY } });
  return row === null ? null : z.number().int().parse(JSON.parse(row.value));
}

async function firstFree(tx: Tx, from: number, to: number): Promise<number | null> {
  if (from > to) return null;
  const leases = await tx.portLease.findMany({
    where: { port: { gte: from, lte: to } },
    select: { port: true },
    orderBy: { port: "asc" },
  });
  let candidate = from;
  for (const { port } of leases) {
    if (port !== candidate) break;
    candidate += 1;
  }
  return candidate <= to ? candidate : null;
}
