import { z } from "zod";

/** For requests whose answer says nothing, or nothing that is needed. */
export const NoContent = z.unknown();
