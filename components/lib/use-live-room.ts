"use client";

import { useEffect, useEffectEvent } from "react";
import type { LiveRoom } from "#protocol/live/events.ts";
import { getLiveSocket, type LiveEventName, type LivePayload } from "./live-socket.ts";

/** Stays in a live room while the component is mounted. */
export function useLiveRoom(room: LiveRoom | null): void {
  // Synchronises with the server's list of who wants what.
  useEffect(() => (room === null ? undefined : getLiveSocket().enter(room)), [room]);
}

/** Calls the handler for every event of one name, whatever the room. */
export function useLiveEvent<E extends LiveEventName>(
  name: E,
  handler: (payload: LivePayload<E>) => void,
): void {
  const onEvent = useEffectEvent(handler);
  // Synchronises with the live socket.
  useEffect(() => getLiveSocket().on(name, (payload) => onEvent(payload)), [name]);
}

/** Calls the handler when live events begin to arrive, at first and after each outage. */
export function useLiveSubscribed(handler: () => void): void {
  const onSubscribed = useEffectEvent(handler);
  // Synchronises with the live socket.
  useEffect(() => getLiveSocket().onSubscribed(() => onSubscribed()), []);
}
