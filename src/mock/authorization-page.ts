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
  readonly redirectUri: string;
  readonly scopes: readonly string[];
}

const STYLE = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { max-width: 34rem; margin: 3rem auto; padding: 0 1.25rem; }
h1 { font-size: 1.4rem; line-height: 1.25; }
fieldset { margin: 1.25rem 0; padding: .75rem 1rem; border: 1px solid GrayText; border-radius: .5rem; }
fieldset label { display: block; padding: .35rem 0; }
code { overflow-wrap: anywhere; }
button { font: inherit; padding: .5rem 1.25rem; margin-right: .75rem; border: 1px solid GrayText; border-radius: .5rem; cursor: pointer; }
button[value=approve] { background: #14532d; border-color: #14532d; color: #fff; }
button:focus-visible, input:focus-visible { outline: 3px solid Highlight; outline-offset: 2px; }
footer { margin-top: 2rem; font-size: .875rem; opacity: .8; }
`;
const STYLE_HASH = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;

/** The page on which the person approves or denies: one form, nothing loaded from anywhere, no script. */
export function consentPage(content: PageContent): Response {
  const noun = escapeMarkup(content.tenantNoun);
  const choices = content.tenants.map(
    (tenant, index) =>
      `<label><input type="radio" name="company" value="${escapeMarkup(tenant.id)}"${index === 0 ? ' checked' : ''}> ` +
      `${escapeMarkup(tenant.name)} <small>(${escapeMarkup(tenant.id)})</small></label>`,
  );
  const scopes = content.scopes.map((scope) => `<li><code>${escapeMarkup(scope)}</code></li>`);
  const body = `<h1>Connect ${escapeMarkup(content.title)}?</h1>
<p>The application <code>${escapeMarkup(content.clientId)}</code> asks for access to your ${noun}:</p>
<ul>${scopes.join('')}</ul>
<form method="post">
<fieldset><legend>Which ${noun}?</legend>${choices.join('')}</fieldset>
<p><button type="submit" name="decision" value="approve">Approve</button><button type="submit" name="decision" value="deny">Deny</button></p>
</form>
<footer>You go back to <code>${escapeMarkup(content.redirectUri)}</code>. This is the lwi mock: no real account is involved.</footer>`;
  // Browsers hold form-action against the redirect that follows the form, too, so where it leads must be named.
  const targets = `'self' ${new URL(content.redirectUri).origin} http://127.0.0.1:* http://localhost:*`;
  return page(`Connect ${content.title}`, body, 200, targets);
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
