import { describe, expect, it, onTestFinished } from 'vitest';
import { approve } from '../../src/mock/approve.ts';
import { createMock } from '../../src/mock/mock.ts';
import { serveMock } from '../../src/mock/serve.ts';
import type { MockOptions } from '../../src/mock/settings.ts';
import { type AuthorizationUi, authorizeInBrowser, pasted } from '../../src/oauth/browser-authorization.ts';
import { planRedirect } from '../../src/oauth/redirect.ts';
import { quickbooks } from '../../src/providers/quickbooks/provider.ts';
import { failureOf } from '../http/support.ts';
import { freePort } from '../support/free-port.ts';
import { virtualClock } from '../support/virtual-clock.ts';
import { protocolFor } from './support.ts';

const SIGNAL = new AbortController().signal;
const SCOPES = ['com.intuit.quickbooks.accounting'];
const DONE = { good: true, title: 'Connected', text: 'Acme' };

async function setup(options: Partial<MockOptions> = {}) {
  const clock = virtualClock();
  const mock = createMock({ clock, ...options });
  const { url, close } = await serveMock({ mock, port: 0 });
  onTestFinished(close);
  const endpoints = quickbooks.environments.mock?.(url);
  if (!endpoints) throw new Error('no mock');
  const protocol = protocolFor(quickbooks, endpoints, { clock });
  const redirectUri = `http://127.0.0.1:${await freePort()}/callback`;
  const plan = planRedirect(quickbooks, quickbooks.oauth, { env: 'mock', redirectUri });
  /** A browser that the person approves or denies in; the page that it ends on. */
  const pages: Promise<{ status: number; html: string }>[] = [];
  const browse = async (shown: URL, how: Parameters<typeof approve>[1] = {}) => {
    const location = await approve(shown.href, how);
    pages.push(fetch(location).then(async (page) => ({ status: page.status, html: await page.text() })));
  };
  const run = (ui: Partial<AuthorizationUi>, signal = SIGNAL) =>
    authorizeInBrowser(protocol, plan, SCOPES, { listen: true, present: browse, ...ui }, signal);
  return { mock, browse, run, pages, plan };
}

describe('an authorization in the browser', () => {
  it('goes from the URL to the token set, and the browser hears what came of it', async () => {
    const { run, pages } = await setup();
    const { set, respond } = await run({});
    await respond(DONE);
    expect([set.facts.externalId, set.scopes]).toEqual(['9130000000000001', SCOPES]);
    const page = await pages[0];
    expect([page?.status, page?.html.includes('<h1>Connected</h1>')]).toEqual([200, true]);
  });

  it('leaves no listener behind, neither after success nor after failure', async () => {
    const { run, browse, plan, pages } = await setup();
    const denied = run({ present: (url) => browse(url, { deny: true }) });
    expect(await failureOf(denied)).toMatchObject({ code: 'CONSENT_REFUSED' });
    await (await run({})).respond(DONE);
    await Promise.all(pages);
    await expect(fetch(plan.uri)).rejects.toThrow();
  });

  it('tells the browser when the exchange fails', async () => {
    const { run, pages } = await setup({ faults: ['400:quickbooks/bearer'] });
    await failureOf(run({}));
    const page = await pages[0];
    expect([page?.status, page?.html.includes('<h1>Not connected</h1>')]).toEqual([200, true]);
  });

  it('tells the browser what it is about and what comes next', async () => {
    const { run, browse, pages } = await setup();
    await (await run({ env: async () => 'mock' })).respond(DONE);
    await failureOf(run({ present: (url) => browse(url, { deny: true }) }));
    const [good, bad] = await Promise.all(pages.map(async (page) => (await page).html));
    const facts = (html = '') =>
      [...html.matchAll(/<dt>(.*?)<\/dt><dd>(.*?)<\/dd>/g)].map((match) => match.slice(1, 3));
    expect(facts(good)).toEqual([
      ['Provider', 'QuickBooks Online'],
      ['Account', 'acme'],
      ['Environment', 'mock'],
    ]);
    expect(facts(bad)).toEqual(facts(good).slice(0, 2));
    expect(good).toContain('Next, in the terminal: <code>lwi sync quickbooks -a acme</code>');
    expect(bad).toContain('Run <code>lwi connect quickbooks -a acme</code> and approve in the browser.');
  });

  it('lets a person paste again; a pipe has one try', async () => {
    const { run } = await setup();
    const lines = ['oops', 'http://127.0.0.1/callback?code=c&state=of-an-earlier-tab'];
    const present = async (url: URL) => void lines.push(await approve(url.href));
    const said: string[] = [];
    const paste = async () => lines.shift() ?? '';
    const { set } = await run({ listen: false, present, paste, misread: (why) => void said.push(why) });
    expect(set.facts.externalId).toBe('9130000000000001');
    expect(said).toEqual([expect.stringContaining('neither a code nor an error'), expect.stringContaining('state')]);
    expect(await failureOf(run({ listen: false, present: async () => {}, paste: async () => 'oops' }))).toMatchObject({
      code: 'INPUT_INVALID',
    });
  });

  it('takes a pasted address as well, whichever comes first', async () => {
    const { run, mock } = await setup();
    let address = '';
    const present = async (url: URL) => {
      address = await approve(url.href, { company: 1 });
    };
    const { set, respond } = await run({ present, paste: async () => ` ${address}\n` });
    await respond(DONE);
    expect(set.facts.externalId).toBe('9130000000000002');
    expect(mock.log.filter(({ path }) => path.endsWith('/bearer'))).toHaveLength(1);
  });

  it('does not listen where only pasting is wanted', async () => {
    const { run, plan } = await setup();
    let address = '';
    const present = async (url: URL) => {
      address = await approve(url.href);
      await expect(fetch(plan.uri)).rejects.toThrow();
    };
    await run({ listen: false, present, paste: async () => address });
  });

  it('ends the question when the browser was faster', async () => {
    const { run } = await setup();
    let asked: AbortSignal | undefined;
    const paste = (signal: AbortSignal) => {
      asked = signal;
      return new Promise<string>(() => {});
    };
    await (await run({ paste })).respond(DONE);
    expect(asked?.aborted).toBe(true);
  });

  it('stops when the person does', async () => {
    const { run, plan } = await setup();
    const person = new AbortController();
    const present = async () => person.abort(new Error('stopped'));
    expect(await failureOf(run({ present }, person.signal))).toEqual(new Error('stopped'));
    await expect(fetch(plan.uri)).rejects.toThrow();
  });
});

describe('what is pasted', () => {
  it.each([
    'http://localhost:8914/callback?code=c-1&state=s',
    ' http://localhost:8914/callback?code=c-1&state=s\n',
    '?code=c-1&state=s',
    'code=c-1&state=s',
  ])('may be %j', (text) => expect(pasted(text, 's').query.get('code')).toBe('c-1'));

  it.each([
    ['', 'neither a code nor an error'],
    ['http://localhost:8914/callback', 'neither a code nor an error'],
    ['c-1', 'neither a code nor an error'],
    ['code=c-1', 'belongs to another authorization'],
    ['code=c-1&state=other', 'belongs to another authorization'],
    ['code=c-1&state=s&state=s', 'belongs to another authorization'],
    ['error=access_denied', 'belongs to another authorization'],
  ])('may not be %j', (text, why) => {
    expect(() => pasted(text, 's')).toThrow(
      expect.objectContaining({ code: 'INPUT_INVALID', message: expect.stringContaining(why) }),
    );
  });
});
