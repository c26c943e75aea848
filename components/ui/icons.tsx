import { createLucideIcon } from "lucide-react";

/** The arch of a culvert: stands for tunnels wherever they appear. */
export const TunnelIcon = createLucideIcon("tunnel", [
  ["path", { d: "M3 20v-8a9 9 0 0 1 18 0v8", key: "outer" }],
  ["path", { d: "M8 20v-8a4 4 0 0 1 8 0v8", key: "inner" }],
  ["path", { d: "M2 20h20", key: "ground" }],
]);

/** Our mark. */
export function CulvertMark({ size = 22 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" className="shrink-0">
      <rect width="24" height="24" rx="6" className="fill-fg" />
      <path
        d="M4.5 18v-5.5a7.5 7.5 0 0 1 15 0V18M8.6 18v-5.2a3.4 3.4 0 0 1 6.8 0V18"
        fill="none"
        className="stroke-background"
        strokeWidth="2"
        strokeLinecap="round"
      />
    </svg>
  );
}
