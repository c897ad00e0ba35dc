import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeHtml, PAGE_HEADERS, renderPage } from '../../src/oauth/pages.ts';

/** Hash of the text of the one element of that name, as a Content-Security-Policy wants it (CSP 3, 2.3.1). */
function hashOf(html: string, element: string): string {
  const found = [...html.matchAll(new RegExp(`<${element}>(.*?)</${element}>`, 'gs'))].map((match) => match[1] ?? '');
  expect(found).toHaveLength(1);
  return `'sha256-${createHash('sha256').update(found.join()).digest('base64')}'`;
}

const page = { title: 'Connected', text: 'Acme & Sons', good: true };

describe('the page in the browser', () => {
  it('may run its own style and script and nothing else', () => {
    const html = renderPage(page);
    const policy = Object.fromEntries(
      (PAGE_HEADERS['content-security-policy'] ?? '').split('; ').map((directive) => {
        const [name = '', ...values] = directive.split(' ');
        return [name, values];
      }),
    );
    expect(policy).toEqual({
      'default-src': ["'none'"],
      'style-src': [hashOf(html, 'style')],
      'script-src': [hashOf(html, 'script')],
      'base-uri': ["'none'"],
      'form-action': ["'none'"],
      'frame-ancestors': ["'none'"],
    });
  });

  it('loads nothing and links nowhere', () => {
    expect(renderPage(page)).not.toMatch(/\b(src|href|action|xmlns)=|url\(|@import/);
  });

  it('is neither cached nor told to anybody', () => {
    expect(PAGE_HEADERS).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
      'cross-origin-resource-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'content-type': 'text/html; charset=utf-8',
    });
  });

  it('says what happened, in words and with a symbol of its own shape', () => {
    const pages = [page, { ...page, good: false }, { ...page, good: undefined }].map(renderPage);
    for (const html of pages) expect(html).toContain('<h1>Connected</h1>\n<p>Acme &amp; Sons</p>');
    expect(new Set(pages.map((html) => /<path d="([^"]+)"/.exec(html)?.[1])).size).toBe(3);
  });

  it('says what it is about and what comes next', () => {
    const facts = [['Provider', 'Acme & Sons'] as const, ['Account', '<north>'] as const];
    const html = renderPage({ ...page, facts, next: 'Run `lwi sync <acme>`, then go on.' });
    expect(html).toContain('<div><dt>Provider</dt><dd>Acme &amp; Sons</dd></div>');
    expect(html).toContain('<div><dt>Account</dt><dd>&lt;north&gt;</dd></div>');
    expect(html).toContain('<p class="next">Run <code>lwi sync &lt;acme&gt;</code>, then go on.</p>');
    expect(renderPage(page)).not.toMatch(/<dl>|class="next"/);
  });

  it('shows what others wrote as text', () => {
    const html = renderPage({
      title: '</title><script>alert(1)</script>',
      text: '<img src=x onerror="a">\'&',
      good: false,
    });
    expect(html).not.toContain('alert(1)</script>\n');
    expect(html).toContain('&lt;img src=x onerror=&quot;a&quot;&gt;&#39;&amp;');
    expect(html.match(/<script>/g)).toHaveLength(1);
  });
});

describe('escaping', () => {
  it('leaves no markup and loses nothing', () => {
    const entities: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('<', '>', '&', '"', "'", 'a', ';', 'amp') }), (text) => {
        const escaped = escapeHtml(text);
        expect(escaped).not.toMatch(/[<>"']/);
        expect(escaped.replace(/&(amp|lt|gt|quot|#39);/g, (entity) => entities[entity] ?? '')).toBe(text);
      }),
    );
  });
});
