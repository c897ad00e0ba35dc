import { createHash } from 'node:crypto';
import { PAGE_STYLE } from './page-style.ts';

/** What the browser shows when a redirect, or something else, has arrived at the listener. */
export interface Page {
  /** The heading, and the title of the tab. */
  readonly title: string;
  /** One or two sentences. What stands in backticks is shown as code, here and in `next`. */
  readonly text: string;
  /** Which symbol stands beside the heading: connected or not; absent: nothing was decided here. */
  readonly good?: boolean | undefined;
  /** What the page is about, as labels and values: provider, account, environment. */
  readonly facts?: readonly (readonly [label: string, value: string])[] | undefined;
  /** What the person may do now. */
  readonly next?: string | undefined;
}

/** Takes code and state out of the address bar and the history entry; the code is spent by then, but it need not stay in sight. */
const SCRIPT = "history.replaceState(null,'','/')";

const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/**
 * Headers of every page: nothing is loaded, framed, cached or referred to (RFC 9700, 4.2.4 and 4.16), no page of another origin can embed it
 * or keep a hold on its window (Fetch, `Cross-Origin-Resource-Policy`; HTML, `Cross-Origin-Opener-Policy`).
 */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'content-security-policy': `default-src 'none'; style-src ${hash(PAGE_STYLE)}; script-src ${hash(SCRIPT)}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
};

/** Drawn in the page itself: a tick, a cross, an i. Each has a shape of its own, so that nothing hangs on its colour. */
const SYMBOLS = {
  good: 'm7.5 12.4 3.1 3.1 6-6.4',
  bad: 'm8.6 8.6 6.8 6.8m0-6.8-6.8 6.8',
  note: 'M12 11v5.4m0-9v.2',
} as const;

/** A self-contained page; all text is escaped. */
export function renderPage(page: Page): string {
  const kind = page.good === undefined ? 'note' : page.good ? 'good' : 'bad';
  const facts = (page.facts ?? []).map(
    ([label, value]) => `<div><dt>${escapeHtml(label)}</dt><dd>${escapeHtml(value)}</dd></div>\n`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(page.title)} · lwi</title>
<style>${PAGE_STYLE}</style>
</head>
<body class="${kind}">
<main>
<div role="status">
<svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="12"/><path d="${SYMBOLS[kind]}"/></svg>
<div>
<h1>${escapeHtml(page.title)}</h1>
<p>${prose(page.text)}</p>
</div>
</div>
${facts.length > 0 ? `<dl>\n${facts.join('')}</dl>\n` : ''}${page.next ? `<p class="next">${prose(page.next)}</p>\n` : ''}<footer>Shown by <b>lwi</b> on this computer.</footer>
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

/** Sentences with commands in backticks, as messages and hints have them. */
function prose(text: string): string {
  return escapeHtml(text).replace(/`([^`]+)`/g, '<code>$1</code>');
}
