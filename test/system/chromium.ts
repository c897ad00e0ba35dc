import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, onTestFinished } from 'vitest';
import type { MockOptions } from '../../src/mock/settings.ts';
import { openScenario } from '../support/scenario.ts';

const CHROMIUM = '/usr/bin/chromium';
const missing = existsSync(CHROMIUM) ? undefined : `there is no ${CHROMIUM} (Debian: chromium)`;

/** Nothing of the browser's own may look for the network; `evil.example` is a name that somebody has pointed at this machine. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP evil.example 127.0.0.1',
];

/** Starts a real browser for the tests of one file; they are skipped, with the reason, where there is none. */
export function useChromium(): { newPage(): Promise<Page> } {
  let browser: BrowserContext | undefined;
  const profile = mkdtempSync(join(tmpdir(), 'lwi-browser-'));
  beforeAll(async () => {
    if (missing) return;
    browser = await chromium.launchPersistentContext(profile, { executablePath: CHROMIUM, args: ARGUMENTS });
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(profile, { recursive: true, force: true });
  });
  beforeEach(({ skip }) => skip(missing !== undefined, missing));
  return {
    newPage: async () => {
      if (!browser) throw new Error('no browser');
      const page = await browser.newPage();
      onTestFinished(() => page.close());
      return page;
    },
  };
}

/** What a page says to its console, errors and refusals by its own policy among them. */
export function messagesOf(page: Page): string[] {
  const messages: string[] = [];
  page.on('console', (message) => messages.push(message.text()));
  page.on('pageerror', (error) => messages.push(String(error)));
  return messages;
}

/** `lwi connect quickbooks --json` with its address open in the browser. */
export async function openConnect(browser: { newPage(): Promise<Page> }, mockOptions: Partial<MockOptions> = {}) {
  const lwi = await openScenario(mockOptions);
  const running = await lwi.startConnect(['quickbooks', '--json']);
  const page = await browser.newPage();
  const messages = messagesOf(page);
  await page.goto(running.address);
  const state = new URL(running.address).searchParams.get('state') ?? '';
  const exchanges = async () => (await lwi.requests())['POST /quickbooks/oauth2/v1/tokens/bearer'] ?? 0;
  return { lwi, running, page, messages, state, exchanges, origin: `http://localhost:${running.port}` };
}
