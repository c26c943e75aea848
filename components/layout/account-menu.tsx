"use client";

import { LogOut, Monitor, Moon, Sun } from "lucide-react";
import { signOut } from "#components/auth/auth-client.ts";
import { useMe } from "#components/lib/me.tsx";
import { Menu, MenuChoice, MenuHeading, MenuItem, MenuSeparator } from "#components/ui/menu.tsx";
import { showToast } from "#components/ui/toast-store.ts";
import { setTheme, useTheme } from "./theme.ts";

const THEME_OPTIONS = [
  { value: "light", label: "Light", icon: Sun },
  { value: "dark", label: "Dark", icon: Moon },
  { value: "system", label: "As the system", icon: Monitor },
] as const;

function initials(name: string): string {
  const words = name.split(/[\s@._-]+/).filter(Boolean);
  const letters = words.length > 1 ? `${words[0]?.[0]}${words[1]?.[0]}` : name.slice(0, 2);
  return letters.toUpperCase();
}

export function leave(): void {
  signOut().then(
    () => window.location.assign("/sign-in"),
    () =>
      showToast({
        title: "You are still signed in",
        detail: "The server cannot be reached.",
        tone: "danger",
      }),
  );
}

/** Who is signed in, the theme, and the way out. */
export function AccountMenu() {
  const me = useMe();
  const theme = useTheme();
  const trigger = (
    <button
      type="button"
      aria-label={`Account of ${me.name}`}
      className="grid size-[26px] shrink-0 place-items-center rounded-full bg-accent-soft text-[11px] font-semibold text-accent"
    >
      {initials(me.name)}
    </button>
  );
  return (
    <Menu trigger={trigger}>
      <MenuHeading>
        <span className="block max-w-60 truncate font-medium">{me.name}</span>
        <span className="block text-xs capitalize text-muted">{me.role}</span>
      </MenuHeading>
      <MenuSeparator />
      <MenuChoice label="Theme" value={theme} options={THEME_OPTIONS} onChange={setTheme} />
      <MenuSeparator />
      <MenuItem icon={LogOut} onSelect={leave}>
        Sign out
      </MenuItem>
    </Menu>
  );
}
