import { AccountButton } from "./account-button.tsx";
import { Breadcrumb } from "./breadcrumb.tsx";
import { LiveIndicator } from "./live-indicator.tsx";
import { PaletteButton } from "./palette/palette-button.tsx";
import { ThemeButton } from "./theme-button.tsx";

export function TopBar() {
  return (
    <header className="flex h-13 items-center gap-3 border-b border-line bg-background/92 px-4 backdrop-blur-sm md:px-7">
      <Breadcrumb />
      <div className="ml-auto flex items-center gap-3">
        <PaletteButton />
        <LiveIndicator />
        <ThemeButton />
        <AccountButton />
      </div>
    </header>
  );
}
