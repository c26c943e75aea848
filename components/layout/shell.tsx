import type { ReactNode } from "react";
import { BottomBar } from "./bottom-bar.tsx";
import { FleetStrip } from "./fleet-strip.tsx";
import { LiveBridge } from "./live-bridge.tsx";
import { Rail } from "./rail.tsx";
import { TopBar } from "./top-bar.tsx";

/** The frame around every signed-in page. */
export function Shell({ children }: { readonly children: ReactNode }) {
  return (
    <div className="flex min-h-screen">
      <a
        href="#content"
        className="sr-only z-50 rounded-md bg-fg px-3 py-2 text-background focus:not-sr-only focus:fixed focus:left-3 focus:top-3"
      >
        Skip to the content
      </a>
      <Rail />
      <div className="flex min-w-0 flex-1 flex-col">
        <div className="sticky top-0 z-20">
          <TopBar />
          <FleetStrip />
        </div>
        <main id="content" tabIndex={-1} className="min-w-0 flex-1 outline-none">
          {children}
        </main>
      </div>
      <BottomBar />
      <LiveBridge />
    </div>
  );
}
