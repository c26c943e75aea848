"use client";

import { createContext, useContext, type ReactNode } from "react";
import type { Role } from "#protocol/api/common.ts";

/** Who looks at the page. */
export interface Me {
  readonly name: string;
  readonly role: Role;
}

const MeContext = createContext<Me>({ name: "", role: "viewer" });

interface MeProviderProps {
  readonly me: Me;
  readonly children: ReactNode;
}

export function MeProvider({ me, children }: MeProviderProps) {
  return <MeContext value={me}>{children}</MeContext>;
}

export function useMe(): Me {
  return useContext(MeContext);
}

/** Whether to offer what changes something. The server decides; this only hides what it would refuse. */
export function useCanOperate(): boolean {
  return useMe().role !== "viewer";
}

export function useIsAdmin(): boolean {
  return useMe().role === "admin";
}
