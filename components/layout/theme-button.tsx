"use client";

import { Monitor, Moon, Sun } from "lucide-react";
import { buttonClass } from "#components/ui/button.tsx";
import { Icon } from "#components/ui/icon.tsx";
import { setTheme, THEMES, useTheme, type Theme } from "./theme.ts";

const ICONS = { light: Sun, dark: Moon, system: Monitor } as const;
const WORDS: Record<Theme, string> = { light: "light", dark: "dark", system: "as the system" };

/** Light, dark, as the system: one press for the next. */
export function ThemeButton() {
  const theme = useTheme();
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "system";
  const label = `Theme: ${WORDS[theme]}. Change to ${WORDS[next]}`;
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      onClick={() => setTheme(next)}
      className={`${buttonClass({ variant: "ghost", size: "icon-sm" })} max-sm:hidden`}
    >
      <Icon icon={ICONS[theme]} />
    </button>
  );
}
