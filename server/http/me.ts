import type { MeDto } from "#protocol/api/session.ts";
import { AppError } from "#protocol/errors.ts";
import type { Actor } from "#server/services/actor.ts";

/** What an actor may know about itself. Only people and machines ask over HTTP. */
export function toMeDto(actor: Actor): MeDto {
  if ((actor.kind !== "user" && actor.kind !== "api_key") || actor.id === null) {
    throw new AppError("forbidden", "Only people and API keys have a profile");
  }
  return {
    kind: actor.kind,
    id: actor.id,
    name: actor.name,
    email: actor.kind === "user" ? actor.name : null,
    role: actor.role,
  };
}
