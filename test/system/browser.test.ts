import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { ADDRESS_TO_APPROVE } from '../support/address-to-approve.ts';
import { freePort } from '../support/free-port.ts';
import { documentOf, failureOf, openScenario } from '../support/scenario.ts';
import { openConnect, useChromium } from './chromium.ts';

const browser = useChromium();

/** The exchange of the code takes this long, so that something can happen meanwhile, ms. */
const SLOW = { faults: ['latency=800:quickbooks/tokens'] };

const press = (page: Page, name: string) => page.getByRole('button', { name }).click();
const shows = (page: Page, heading: string) => page.getByRole('heading', { name: heading, exact: true }).waitFor();

/** Every address that the tab would go back or forward to, as the browser's own menu has them. */
async function historyOf(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  const { entries } = await session.send('Page.getNavigationHistory');
  return entries.flatMap(({ url, userTypedURL }) => [url, userTypedURL]);
}

describe('connect in a real browser', () => {
  it('shows success, leaves neither code nor state in sight, and violates no policy of its own', async () => {
    const { running, page, messages, origin } = await openConnect(browser);
    const callback = page.waitForRequest(/\/callback\?/);
    await page.getByRole('radio', { name: /Canada/ }).check();
    await press(page, 'Approve');
    await shows(page, 'Connected');
    const answer = new URL((await callback).url());
    expect(await page.getByRole('status').innerText()).toContain('connected to Laneweaver Logistics Canada Inc');
    const left = (await page.evaluate(
      '[location.href, document.referrer, document.cookie, history.length]',
    )) as string[];
    expect(left).toEqual([`${origin}/`, '', '', expect.any(Number)]);
    const history = await historyOf(page);
    expect(history.at(-2)).toBe(`${origin}/`);
    expect(history.join('\n')).not.toContain(answer.searchParams.get('code'));
    expect(messages).toEqual([]);
    expect(documentOf(await running.ended)).toMatchObject({ provider: 'quickbooks', externalId: '9130000000000002' });
  });

  it('tells the next page nothing about where the person came from', async () => {
    const { page, lwi } = await openConnect(browser);
    await press(page, 'Approve');
    await shows(page, 'Connected');
    const next = page.waitForRequest(`${lwi.mockUrl}/`);
    await page.evaluate(`location.href = ${JSON.stringify(`${lwi.mockUrl}/`)}`);
    expect(await (await next).allHeaders()).not.toHaveProperty('referer');
  });

  it('shows a refusal, with the command that begins again, and ends with code 3', async () => {
    const { running, page, messages, exchanges } = await openConnect(browser);
    await press(page, 'Deny');
    await shows(page, 'Not connected');
    expect(await page.getByRole('status').innerText()).toContain('QuickBooks Online says that access was refused.');
    expect(await page.getByRole('main').innerText()).toContain('Run lwi connect quickbooks and approve');
    expect(messages).toEqual([]);
    expect(failureOf(await running.ended)).toMatchObject({ exit: 3, error: { code: 'CONSENT_REFUSED' } });
    expect(await exchanges()).toBe(0);
  });

  it('survives a double click on Approve', async () => {
    const { running, page, exchanges } = await openConnect(browser, SLOW);
    await page.getByRole('button', { name: 'Approve' }).dblclick();
    await shows(page, 'Connected');
    expect((await running.ended).code).toBe(0);
    expect(await exchanges()).toBe(1);
  });

  it('answers 409 to a tab that brings the same answer twice, and tells it the truth', async () => {
    const { running, page, exchanges } = await openConnect(browser, SLOW);
    const callback = page.waitForRequest(/\/callback\?/);
    await page.getByRole('button', { name: 'Approve' }).click({ noWaitAfter: true });
    const answer = await page.goto((await callback).url());
    expect(answer?.status()).toBe(409);
    await shows(page, 'Connected');
    expect((await running.ended).code).toBe(0);
    expect(await exchanges()).toBe(1);
  });

  it('sends no code again when the page is reloaded, left and come back to', async () => {
    const { running, page, exchanges } = await openConnect(browser);
    await press(page, 'Approve');
    await shows(page, 'Connected');
    expect((await running.ended).code).toBe(0);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await expect(page.reload()).rejects.toThrow('ERR_CONNECTION_REFUSED');
    await page.waitForURL(/^chrome-error:/);
    await page.goBack();
    await shows(page, 'Connect QuickBooks Online?');
    await page.goForward().catch(() => null);
    expect(asked.filter((url) => /[?&]code=/.test(url))).toEqual([]);
    expect(await exchanges()).toBe(1);
  });

  it('is not ended by the icon that a browser asks for', async () => {
    const { running, page, origin } = await openConnect(browser);
    const icon = await (await browser.newPage()).goto(`${origin}/favicon.ico`);
    expect([icon?.status(), icon?.headers()['cache-control']]).toEqual([404, 'no-store']);
    await press(page, 'Approve');
    await shows(page, 'Connected');
    expect((await running.ended).code).toBe(0);
  });

  it('explains itself to a tab of an earlier attempt, and goes on waiting for the right one', async () => {
    const lwi = await openScenario();
    const port = String(await freePort());
    const attempt = async () => {
      const running = lwi.start(['connect', 'quickbooks', '--no-browser', '--port', port, '--json']);
      const [, address = ''] = await running.said(ADDRESS_TO_APPROVE);
      const page = await browser.newPage();
      await page.goto(address);
      return { running, page };
    };
    const earlier = await attempt();
    earlier.running.child.kill('SIGTERM');
    await earlier.running.ended;
    const { running, page } = await attempt();

    const stale = earlier.page.waitForResponse(/\/callback\?/);
    await press(earlier.page, 'Approve');
    expect((await stale).status()).toBe(400);
    await shows(earlier.page, 'Nothing was connected here');
    expect(await earlier.page.getByRole('main').innerText()).toContain('belongs to another attempt to connect');
    expect(earlier.page.url()).toBe(`http://localhost:${port}/`);

    await press(page, 'Approve');
    await shows(page, 'Connected');
    expect((await running.ended).code).toBe(0);
  });

  it('can be done with the keyboard alone', async () => {
    const { running, page } = await openConnect(browser);
    const focused = () => page.evaluate('document.activeElement.value');
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowDown');
    expect(await focused()).toBe('9130000000000002');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('approve');
    await page.keyboard.press('Enter');
    await shows(page, 'Connected');
    expect(documentOf(await running.ended)).toMatchObject({ externalId: '9130000000000002' });
  });

  it('takes the address that the browser ended at, where nobody listens for it', async () => {
    const lwi = await openScenario();
    const running = await lwi.startConnect(['quickbooks', '--paste', '--json'], { stdin: 'open' });
    const page = await browser.newPage();
    await page.goto(running.address);
    const failed = page.waitForEvent('requestfailed', (request) => request.url().includes('/callback?'));
    await page.getByRole('button', { name: 'Approve' }).click({ noWaitAfter: true });
    const address = (await failed).url();
    running.child.stdin?.end(`${address}\n`);
    expect(documentOf(await running.ended)).toMatchObject({ externalId: '9130000000000001' });
  });
});
