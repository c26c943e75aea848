/** What a canvas needs of the tokens, resolved: it cannot read custom properties itself. */
export interface PlotColors {
  readonly line: string;
  readonly lineStrong: string;
  readonly faint: string;
  readonly in: string;
  readonly out: string;
  readonly accent: string;
  readonly surface: string;
  readonly font: string;
}

export function readPlotColors(): PlotColors {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string): string => style.getPropertyValue(name).trim();
  return {
    line: token("--line"),
    lineStrong: token("--line-strong"),
    faint: token("--text-faint"),
    in: token("--in"),
    out: token("--out"),
    accent: token("--accent"),
    surface: token("--surface"),
    font: `11px ${getComputedStyle(document.body).fontFamily}`,
  };
}

/** The same colour, thinner. */
export function withAlpha(color: string, percent: number): string {
  return `color-mix(in oklch, ${color} ${percent}%, transparent)`;
}

/** Calls back when light turns dark or back. */
export function observeTheme(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  return () => observer.disconnect();
}
