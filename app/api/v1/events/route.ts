import { handleEvents } from "#server/http/events-stream.ts";

export const GET = handleEvents;
