import { createHash } from 'node:crypto';
import { textAnswer } from './answer.ts';

/** A company or workspace that the person may choose. */
export interface Tenant {
  readonly id: string;
  readonly name: string;
}

/** What the consent page shows. */
export interface PageContent {
  /** Provider, e.g. `QuickBooks Online`. */
  readonly title: string;
  /** What a tenant is called there: `company`, `workspace`. */
  readonly tenantNoun: string;
  readonly tenants: readonly Tenant[];
  readonly clientId: string;
  /** Absent: the browser stays where it is. */
  readonly redirectUri?: string;
  readonly scopes: readonly string[];
}

const STYLE = `
:root{color-scheme:light dark;--page:#f2f4f7;--card:#fff;--line:#8a94a4;--rule:#e1e5eb;--ink:#1a202c;--soft:#566072;--code:#eef1f5;--go:#12703d;--on:#fff;--ring:#2b5fab}
@media (prefers-color-scheme:dark){
:root{--page:#12151b;--card:#1b2029;--line:#7d8899;--rule:#2f3744;--ink:#e9ecf2;--soft:#a9b3c2;--code:#262d38;--go:#6fdba3;--on:#0d2818;--ring:#8ab8f5}
}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:16px;background:var(--page);color:var(--ink);font:1rem/1.6 system-ui,sans-serif}
main{width:100%;max-width:34rem;padding:clamp(20px,6vw,40px);background:var(--card);border:1px solid var(--rule);border-radius:1rem;box-shadow:0 1rem 3rem -1.5rem #0004;overflow-wrap:anywhere}
h1{margin:0;font-size:1.5rem;line-height:1.3;font-weight:650;letter-spacing:-.01em}
p{margin:.75rem 0 0}
ul{margin:.5rem 0 0;padding-left:1.25rem}
fieldset{min-width:0;margin:1.5rem 0 0;padding:0;border:0}
legend{padding:0;font-weight:600}
label{display:flex;gap:.75rem;margin-top:.5rem;padding:.625rem .75rem;border:1px solid var(--line);border-radius:.5rem;cursor:pointer}
label:has(:checked){border-color:var(--ring);box-shadow:inset 0 0 0 1px var(--ring)}
input{flex:none;width:1.125rem;height:1.125rem;margin:.25rem 0 0;accent-color:var(--ring)}
input[name=user_code]{flex:auto;width:auto;height:auto;margin:0;border:0;background:none;color:inherit;font:inherit;text-transform:uppercase}
small{display:block;color:var(--soft);font-size:.875rem}
code{padding:.125rem .375rem;border-radius:.375rem;background:var(--code);font:.9375em/1.4 ui-monospace,monospace}
.choice{display:flex;flex-wrap:wrap;gap:.75rem;margin-top:1.5rem}
button{flex:1 1 8rem;padding:.625rem 1.25rem;border:1px solid var(--line);border-radius:.5rem;background:none;color:inherit;font:inherit;font-weight:600;cursor:pointer}
button[value=approve]{border-color:var(--go);background:var(--go);color:var(--on)}
button:focus-visible,input:focus-visible{outline:3px solid var(--ring);outline-offset:2px}
footer{margin-top:1.75rem;color:var(--soft);font-size:.875rem}
`;
const MOCK_NOTE = 'This is the lwi mock: no real account is involved.';
const LOOPBACK = ['http://127.0.0.1:*', 'http://localhost:*'];
const STYLE_HASH = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;

/** The page on which the person approves or denies: one form, nothing loaded from anywhere, no script. */
export function consentPage(content: PageContent): Response {
  const noun = escapeMarkup(content.tenantNoun);
  const choices = content.tenants.map(
    (tenant, index) =>
      `<label><input type="radio" name="company" value="${escapeMarkup(tenant.id)}"${index === 0 ? ' checked' : ''}> ` +
      `<span>${escapeMarkup(tenant.name)} <small>${escapeMarkup(tenant.id)}</small></span></label>`,
  );
  const scopes = content.scopes.map((scope) => `<li><code>${escapeMarkup(scope)}</code></li>`);
  const body = `<h1>Connect ${escapeMarkup(content.title)}?</h1>
<p>The application <code>${escapeMarkup(content.clientId)}</code> asks for access to your ${noun}:</p>
<ul>${scopes.join('')}</ul>
<form method="post">
<fieldset><legend>Which ${noun}?</legend>${choices.join('')}</fieldset>
<p class="choice"><button type="submit" name="decision" value="approve">Approve</button><button type="submit" name="decision" value="deny">Deny</button></p>
</form>
<footer>${content.redirectUri === undefined ? '' : `You go back to <code>${escapeMarkup(content.redirectUri)}</code>. `}${MOCK_NOTE}</footer>`;
  // Browsers hold form-action against the redirect that follows the form, too, so where it leads must be named.
  const leads = content.redirectUri === undefined ? [] : [new URL(content.redirectUri).origin, ...LOOPBACK];
  const targets = ["'self'", ...leads].join(' ');
  return page(`Connect ${content.title}`, body, 200, targets);
}

/** The page on which a person enters the code that a device shows. */
export function codePage(title: string): Response {
  const body = `<h1>Enter the code</h1>
<p>A device or a program wants to be connected to ${escapeMarkup(title)} and shows a code.</p>
<form method="get">
<label>Code <input name="user_code" autocomplete="off" required></label>
<p class="choice"><button type="submit">Continue</button></p>
</form>
<footer>${MOCK_NOTE}</footer>`;
  return page(`Connect ${title}`, body, 200, "'self'");
}

/** The page at the end, where the browser goes nowhere. */
export function donePage(title: string, what: string): Response {
  const body = `<h1>${escapeMarkup(what)}</h1>\n<p>You can close this page.</p>\n<footer>${MOCK_NOTE}</footer>`;
  return page(`Connect ${title}`, body, 200, "'none'");
}

/** The page for a request that cannot be answered by a redirect, because where it leads is unknown or not allowed. */
export function refusalPage(title: string, reason: string): Response {
  return page(title, `<h1>This request cannot be served</h1>\n<p>${escapeMarkup(reason)}</p>`, 400, "'none'");
}

function page(title: string, body: string, status: number, formTargets: string): Response {
  const html = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeMarkup(title)}</title>
<style>${STYLE}</style></head>
<body><main>
${body}
</main></body>
</html>
`;
  return textAnswer(html, 'text/html; charset=utf-8', status, {
    'content-security-policy': `default-src 'none'; style-src ${STYLE_HASH}; form-action ${formTargets}; base-uri 'none'; frame-ancestors 'none'`,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  });
}

function escapeMarkup(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
