import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openConnect, useChromium } from './chromium.ts';

const browser = useChromium();

/** A page of another origin on this machine. */
async function foreignPage() {
  const server = createServer((_, response) => response.end('<!doctype html><title>elsewhere</title>'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  return page;
}

/** The listener's answer came, and the browser kept it from the page. */
const KEPT = 'net::ERR_BLOCKED_BY_RESPONSE.NotSameOrigin';
/** The browser missed the permission of CORS. */
const CORS = 'net::ERR_FAILED';

/** A script that loads `target` by an element; what it learned. */
const element = (name: string) => `new Promise((done) => {
  const element = document.createElement('${name}');
  element.onload = () => done('loaded');
  element.onerror = () => done('nothing');
  element.src = target;
  document.head.append(element);
})`;
const fetched = (options: string) => `fetch(target, ${options}).then((answer) => answer.text(), () => 'nothing')`;

/** Ways of a script to ask another origin for something, and how the browser ends them. */
const WAYS: readonly [name: string, script: string, end: string][] = [
  ['fetch', fetched('{}'), CORS],
  ['fetch without CORS', fetched('{ mode: "no-cors" }'), KEPT],
  ['fetch with headers that need a preflight', fetched('{ headers: { "x-own": "1" } }'), CORS],
  ['an image', element('img'), KEPT],
  ['a script', element('script'), KEPT],
];

describe('a page of another origin', () => {
  it.each(WAYS)('learns nothing by %s, even with the right state, and the wait goes on', async (_, script, end) => {
    const { running, page, state, origin, exchanges } = await openConnect(browser);
    const foreign = await foreignPage();
    const ends: (string | undefined)[] = [];
    foreign.on('response', (response) => ends.push(`status ${response.status()}`));
    foreign.on('requestfailed', (request) => ends.push(request.failure()?.errorText));
    for (const target of [`${origin}/callback?code=forged&state=${state}`, `${origin}/`]) {
      expect(await foreign.evaluate(`((target) => ${script})(${JSON.stringify(target)})`)).toBe('nothing');
    }
    expect(ends).toEqual([end, end]);
    expect(await exchanges()).toBe(0);
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('heading', { name: 'Connected' }).waitFor();
    expect((await running.ended).code).toBe(0);
    expect(await exchanges()).toBe(1);
  });

  it('cannot frame the callback, nor feed it through a frame', async () => {
    const { running, page, state, origin, exchanges } = await openConnect(browser);
    const foreign = await foreignPage();
    const answered = foreign.waitForResponse(/\/callback\?/);
    await foreign.evaluate(
      `{ const frame = document.createElement('iframe'); frame.src = '${origin}/callback?code=forged&state=${state}'; document.body.append(frame); }`,
    );
    expect((await answered).status()).toBe(403);
    await foreign.waitForFunction('frames.length === 1');
    await expect.poll(() => foreign.frames().at(-1)?.url()).toMatch(/^chrome-error:/);
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('heading', { name: 'Connected' }).waitFor();
    expect((await running.ended).code).toBe(0);
    expect(await exchanges()).toBe(1);
  });

  it('cannot end the wait with a form, nor by sending the browser to the callback', async () => {
    const { running, page, state, origin } = await openConnect(browser);
    const foreign = await foreignPage();
    const posted = foreign.waitForResponse(/\/callback\?/);
    await foreign.evaluate(
      `{ const form = document.createElement('form'); form.method = 'post'; form.action = '${origin}/callback?code=forged&state=${state}'; document.body.append(form); form.submit(); }`,
    );
    expect((await posted).status()).toBe(405);
    await foreign.getByRole('heading', { name: 'Nothing was connected here' }).waitFor();
    expect((await foreign.goto(`${origin}/callback?code=forged&state=forged`))?.status()).toBe(400);
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('heading', { name: 'Connected' }).waitFor();
    expect((await running.ended).code).toBe(0);
  });

  it('is told that it is in the wrong place under a name that was pointed at this machine (DNS rebinding)', async () => {
    const { running, page, state } = await openConnect(browser);
    const foreign = await browser.newPage();
    const rebound = `http://evil.example:${running.port}`;
    for (const path of [`/callback?code=forged&state=${state}`, '/']) {
      expect((await foreign.goto(`${rebound}${path}`))?.status()).toBe(421);
    }
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('heading', { name: 'Connected' }).waitFor();
    expect((await running.ended).code).toBe(0);
  });
});
