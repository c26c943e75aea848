"use client";

import dynamic from "next/dynamic";
import { useSyncExternalStore } from "react";
import { toasts } from "./toast-store.ts";

const Toaster = dynamic(() => import("./toaster.tsx").then((module) => module.Toaster), {
  ssr: false,
});

const hasShown = (): boolean => toasts.hasShown;
const never = (): boolean => false;

/** Where toasts appear; its code arrives with the first of them. Mounted once. */
export function LazyToaster() {
  const isWanted = useSyncExternalStore(toasts.subscribe, hasShown, never);
  return isWanted ? <Toaster /> : null;
}
