"use client";

import { LogOut, Monitor, Moon, Sun } from "lucide-react";
import { useMe } from "#components/lib/me.tsx";
import { Menu, MenuChoice, MenuHeading, MenuItem, MenuSeparator } from "#components/ui/menu.tsx";
import { AccountFace } from "./account-face.tsx";
import { leave } from "./leave.ts";
import { setTheme, useTheme } from "./theme.ts";

const THEME_OPTIONS = [
  { value: "light", label: "Light", icon: Sun },
  { value: "dark", label: "Dark", icon: Moon },
  { value: "system", label: "As the system", icon: Monitor },
] as const;

/** Who is signed in, the theme, and the way out. Opens as it appears. */
export function AccountMenu() {
  const me = useMe();
  const theme = useTheme();
  return (
    <Menu trigger={<AccountFace />} isOpenAtFirst>
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
