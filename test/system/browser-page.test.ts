import type { Page as Tab } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { createMock } from '../../src/mock/mock.ts';
import { serveMock } from '../../src/mock/serve.ts';
import { listenForRedirect } from '../../src/oauth/loopback.ts';
import type { Page } from '../../src/oauth/pages.ts';
import { messagesOf, useChromium } from './chromium.ts';

const browser = useChromium();

const FACTS = [
  ['Provider', 'QuickBooks Online'],
  ['Account', 'a-branch-with-a-long-name'],
  ['Environment', 'sandbox'],
] as const;
const OUTCOMES: Readonly<Record<string, Page>> = {
  success: {
    ...{ good: true, title: 'Connected', facts: FACTS, next: 'Next, in the terminal: `lwi sync quickbooks`' },
    text: 'QuickBooks Online is connected to Laneweaver Logistics Canada Inc. You can close this page.',
  },
  refusal: {
    ...{ good: false, title: 'Not connected', text: 'QuickBooks Online says that access was refused.' },
    ...{ facts: FACTS, next: 'Run `lwi connect quickbooks` and approve in the browser.' },
  },
};

/** Opens one of the pages in a tab: an outcome or the refusal of the listener, or the page of the mock on which one approves. */
async function open(tab: Tab, name: string): Promise<void> {
  if (name === 'consent') {
    const { url, close } = await serveMock({ mock: createMock({ clock: systemClock }), port: 0 });
    onTestFinished(close);
    const query = 'client_id=app&response_type=code&state=s&scope=com.intuit.quickbooks.accounting';
    await tab.goto(`${url}/quickbooks/connect/oauth2?${query}&redirect_uri=http%3A%2F%2Flocalhost%3A8914%2Fcallback`);
    return;
  }
  const listener = await listenForRedirect(new URL('http://127.0.0.1:0/callback'), 0);
  onTestFinished(() => listener.close());
  const callback = listener.callback({ state: 's' }, new AbortController().signal);
  const outcome = OUTCOMES[name];
  const opening = tab.goto(`${listener.redirectUri}?code=c&state=${outcome ? 's' : 'earlier'}`);
  if (outcome) await (await callback).respond(outcome);
  await opening;
}

/** Texts whose contrast with what is behind them is below 4.5:1, and symbols below 3:1 (WCAG 2.2, 1.4.3 and 1.4.11). */
const TOO_FAINT = `(() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const linear = (value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const light = ([red, green, blue]) => 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  const ratio = (one, other) => {
    const [high, low] = [light(parts(one)), light(parts(other))].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  };
  const ground = (element) => {
    const colour = getComputedStyle(element).backgroundColor;
    return parts(colour)[3] === 0 ? ground(element.parentElement) : colour;
  };
  const seen = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement;
    const text = walk.currentNode.data.trim();
    if (text && element.tagName !== 'SCRIPT') seen.push([text, ratio(getComputedStyle(element).color, ground(element)), 4.5]);
  }
  for (const path of document.querySelectorAll('path')) {
    seen.push(['symbol', ratio(getComputedStyle(path).stroke, getComputedStyle(path.previousElementSibling).fill), 3]);
  }
  if (seen.length < 4) throw new Error('there is nothing to see');
  return seen.filter(([, contrast, least]) => contrast < least);
})()`;

/** What is wider than its place: the page itself, or an element that hides a part of its text. */
const TOO_WIDE = `[...document.querySelectorAll('*')]
  .filter((element) => element.scrollWidth > element.clientWidth && element.clientWidth > 0 && getComputedStyle(element).display !== 'inline')
  .map((element) => element.tagName)`;

const PAGES = ['success', 'refusal', 'stale', 'consent'];

describe.each(PAGES)('the page of %s', (name) => {
  it.each(['light', 'dark'] as const)('can be read by everybody, %s', async (colorScheme) => {
    const tab = await browser.newPage();
    await tab.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await open(tab, name);
    expect(await tab.evaluate(TOO_FAINT)).toEqual([]);
    // Dark is dark: the style heeds what the person chose.
    const ground = await tab.evaluate('Number(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])');
    expect(Number(ground) > 128).toBe(colorScheme === 'light');
  });

  it('fits a narrow window, also with text of twice the size', async () => {
    const tab = await browser.newPage();
    await tab.setViewportSize({ width: 320, height: 480 });
    await open(tab, name);
    expect(await tab.evaluate(TOO_WIDE)).toEqual([]);
    const height = (await tab.evaluate('document.body.scrollHeight')) as number;
    await tab.evaluate("document.documentElement.style.fontSize = '200%'");
    expect(await tab.evaluate(TOO_WIDE)).toEqual([]);
    expect(await tab.evaluate('document.body.scrollHeight')).toBeGreaterThan(height);
  });

  it('has a language, a title, one main part and one heading, and says nothing to the console', async () => {
    const tab = await browser.newPage();
    const messages = messagesOf(tab);
    await open(tab, name);
    expect(await tab.evaluate('[document.documentElement.lang, document.title !== ""]')).toEqual(['en', true]);
    expect(await tab.getByRole('heading').count()).toBe(1);
    expect(await tab.getByRole('main').count()).toBe(1);
    // An unwelcome answer (400) is noted by the browser itself.
    expect(messages.filter((message) => !message.includes('status of 400'))).toEqual([]);
  });
});

describe.each(['success', 'refusal', 'stale'])('the page of %s, for assistive technology and the browser', (name) => {
  it('moves only where movement is welcome', async () => {
    const movements = async (reducedMotion: 'reduce' | 'no-preference') => {
      const tab = await browser.newPage();
      await tab.emulateMedia({ reducedMotion });
      await open(tab, name);
      return tab.evaluate(
        "[...document.querySelectorAll('*')].filter((e) => getComputedStyle(e).animationName !== 'none').length",
      );
    };
    expect(await movements('reduce')).toBe(0);
    expect(await movements('no-preference')).toBe(1);
  });

  it('runs no script and takes no style but its own', async () => {
    const tab = await browser.newPage();
    await open(tab, name);
    const injected = await tab.evaluate(`new Promise((done) => {
      const refused = [];
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
        refused.push(effectiveDirective);
        if (refused.length === 3) done(refused.sort());
      });
      for (const [name, text] of [['script', 'document.title = "taken"'], ['style', 'h1 { display: none }']]) {
        const element = document.createElement(name);
        element.textContent = text;
        document.head.append(element);
      }
      fetch('/').catch(() => {});
    })`);
    expect(injected).toEqual(['connect-src', 'script-src-elem', 'style-src-elem']);
    expect(await tab.title()).not.toBe('taken');
  });
});

it('the success page tells assistive technology all that it shows', async () => {
  const tab = await browser.newPage();
  await open(tab, 'success');
  expect(await tab.locator('body').ariaSnapshot()).toBe(
    `
- main:
  - status:
    - heading "Connected" [level=1]
    - paragraph: QuickBooks Online is connected to Laneweaver Logistics Canada Inc. You can close this page.
  - term: Provider
  - definition: QuickBooks Online
  - term: Account
  - definition: a-branch-with-a-long-name
  - term: Environment
  - definition: sandbox
  - paragraph:
    - text: "Next, in the terminal:"
    - code: lwi sync quickbooks
  - text: Shown by lwi on this computer.
`.trim(),
  );
});

it('the page of the mock shows where the keyboard is', async () => {
  const tab = await browser.newPage();
  await open(tab, 'consent');
  const outlines: unknown[] = [];
  for (let stop = 0; stop < 3; stop++) {
    await tab.keyboard.press('Tab');
    outlines.push(
      await tab.evaluate('getComputedStyle(document.activeElement).outlineStyle + document.activeElement.value'),
    );
  }
  expect(outlines).toEqual(['solid9130000000000001', 'solidapprove', 'soliddeny']);
});
