import type { ActorKind } from "#protocol/api/audit.ts";
import type { Role } from "#protocol/api/common.ts";
import { AppError } from "#protocol/errors.ts";

/** Whoever asks us to do something: a person, a machine, ourselves, or somebody on this machine's terminal. */
export interface Actor {
  readonly kind: ActorKind;
  /** Null for the system. */
  readonly id: string | null;
  /** What the audit log shows: e-mail address of a person, name of a key. */
  readonly name: string;
  readonly role: Role;
  /** Network address; null where there is none. */
  readonly address: string | null;
}

/** Acts when nobody asked: discovery, retention, restarts. */
export const SYSTEM_ACTOR: Actor = Object.freeze({
  kind: "system",
  id: null,
  name: "Culvert",
  role: "admin",
  address: null,
});

/** Somebody with a shell on the server's machine. */
export const COMMAND_LINE_ACTOR: Actor = Object.freeze({
  kind: "command_line",
  id: null,
  name: "Command line",
  role: "admin",
  address: null,
});

const RANK: Readonly<Record<Role, number>> = { viewer: 0, operator: 1, admin: 2 };

export function hasRole(actor: Actor, role: Role): boolean {
  return RANK[actor.role] >= RANK[role];
}

/** @throws AppError `forbidden` when the actor's role is lower. */
export function requireRole(actor: Actor, role: Role): void {
  if (hasRole(actor, role)) return;
  throw new AppError("forbidden", `This needs the role ${role}`, { details: { role } });
}
