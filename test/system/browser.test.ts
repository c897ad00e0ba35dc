import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { documentOf, openScenario } from '../support/scenario.ts';

const CHROMIUM = '/usr/bin/chromium';
const missing = existsSync(CHROMIUM) ? undefined : `there is no ${CHROMIUM} (Debian: chromium)`;

/** Nothing of the browser's own may look for the network. */
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

let browser: BrowserContext;
const profile = mkdtempSync(join(tmpdir(), 'lwi-browser-'));

beforeAll(async () => {
  if (missing) return;
  browser = await chromium.launchPersistentContext(profile, { executablePath: CHROMIUM, args: QUIET });
});
afterAll(async () => {
  await browser?.close();
  rmSync(profile, { recursive: true, force: true });
});
beforeEach(({ skip }) => skip(missing !== undefined, missing));

/** `lwi connect quickbooks` with its address open in the browser. */
async function opened() {
  const lwi = await openScenario();
  const running = await lwi.startConnect(['quickbooks', '--json']);
  const page = await browser.newPage();
  const messages: string[] = [];
  page.on('console', (message) => messages.push(message.text()));
  page.on('pageerror', (error) => messages.push(String(error)));
  await page.goto(running.address);
  return { lwi, running, page, messages };
}

describe('connect in a real browser', () => {
  it('shows success, leaves neither code nor state in sight, and violates no policy of its own', async () => {
    const { running, page, messages } = await opened();
    await page.getByRole('radio', { name: /Canada/ }).check();
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('heading', { name: 'Connected' }).waitFor();
    expect(await page.getByRole('status').innerText()).toContain('connected to Laneweaver Logistics Canada Inc');
    expect(page.url()).toBe(`http://localhost:${running.port}/`);
    expect(await page.evaluate('document.referrer + location.href')).not.toMatch(/code=|state=/);
    expect(messages).toEqual([]);
    expect(documentOf(await running.ended)).toMatchObject({ provider: 'quickbooks', externalId: '9130000000000002' });
  });

  it('shows a refusal and ends with code 3', async () => {
    const { running, page } = await opened();
    await page.getByRole('button', { name: 'Deny' }).click();
    await page.getByRole('heading', { name: 'Not connected' }).waitFor();
    expect((await running.ended).code).toBe(3);
  });

  it('is not ended by a page of another origin that sends the browser to the callback', async () => {
    const { running, page } = await opened();
    const foreign = await browser.newPage();
    await foreign.goto('data:text/html,<title>elsewhere</title>');
    const answer = await foreign.goto(`http://localhost:${running.port}/callback?code=forged&state=forged`);
    expect(answer?.status()).toBe(400);
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('heading', { name: 'Connected' }).waitFor();
    expect((await running.ended).code).toBe(0);
  });
});
