/** What a page of ours says; plain text, escaped here. */
export interface PageText {
  readonly title: string;
  readonly heading: string;
  readonly paragraphs: readonly string[];
  /** Small print below, such as an id to quote. */
  readonly footnote?: string;
  /** Loads the page again by itself after so many seconds. */
  readonly refreshSeconds?: number;
}

const STYLE = `
  :root { color-scheme: light dark; }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center;
         font: 16px/1.5 system-ui, sans-serif; }
  main { max-width: 28rem; padding: 2rem; text-align: center; overflow-wrap: anywhere; }
  h1 { font-size: 1.25rem; margin: 0 0 .5rem; }
  p { margin: .5rem 0 0; opacity: .75; }
  code { user-select: all; font: .875rem ui-monospace, monospace; }`;

/** A small page for browsers that needs nothing else: no script, no font, no picture. */
export function toPage({ title, heading, paragraphs, footnote, refreshSeconds }: PageText): string {
  const refresh =
    refreshSeconds === undefined ? "" : `<meta http-equiv="refresh" content="${refreshSeconds}">\n`;
  const texts = paragraphs.map((text) => `<p>${escapeHtml(text)}</p>\n`).join("");
  const small = footnote === undefined ? "" : `<p><code>${escapeHtml(footnote)}</code></p>\n`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${refresh}<title>${escapeHtml(title)}</title>
<style>${STYLE}
</style>
</head>
<body>
<main>
<h1>${escapeHtml(heading)}</h1>
${texts}${small}</main>
</body>
</html>
`;
}

/** Whether somebody looks at the answer in a browser. @param accept the header of that name. */
export function wantsPage(accept: string | undefined): boolean {
  return accept !== undefined && /(?:^|[\s,])text\/html(?:[\s,;]|$)/i.test(accept);
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
