import { createHash } from 'node:crypto';

/** What the browser shows when the redirect has arrived. */
export interface Page {
  readonly title: string;
  readonly text: string;
  readonly good: boolean;
}

/** Takes code and state out of the address bar and the history entry; the code is spent by then, but it need not stay in sight. */
const SCRIPT = "history.replaceState(null,'','/')";

const STYLE = `
:root{color-scheme:light dark}
body{margin:0;min-height:100vh;display:grid;place-items:center;font:1.05rem/1.6 system-ui,sans-serif;background:#f4f5f7;color:#1d2330}
main{max-width:28rem;margin:1.5rem;padding:2.5rem;background:#fff;border-radius:1rem;box-shadow:0 1px 3px #0002,0 12px 32px #0001}
h1{font-size:1.35rem;margin:0 0 .5rem}
p{margin:.5rem 0 0}
.mark{font-size:2rem;line-height:1;margin:0 0 1rem}
.good .mark{color:#147a46}.bad .mark{color:#b3261e}
@media (prefers-color-scheme:dark){body{background:#14171d;color:#e8eaf0}main{background:#1e232c;box-shadow:none;border:1px solid #333b48}
.good .mark{color:#5fd39a}.bad .mark{color:#ff8a80}}`;

const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Headers of every page: nothing is loaded, framed, cached or referred to. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'content-security-policy': `default-src 'none'; style-src ${hash(STYLE)}; script-src ${hash(SCRIPT)}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
};

/** A self-contained page; all text is escaped. */
export function renderPage(page: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(page.title)} · lwi</title>
<style>${STYLE}</style>
</head>
<body class="${page.good ? 'good' : 'bad'}">
<main role="status">
<p class="mark" aria-hidden="true">${page.good ? '✓' : '✕'}</p>
<h1>${escapeHtml(page.title)}</h1>
<p>${escapeHtml(page.text)}</p>
</main>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

/** Text for an HTML body or a quoted attribute. */
export function escapeHtml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
