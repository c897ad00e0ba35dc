import { describe, expect, test } from 'vitest';
import { approve } from '../../src/mock/approve.ts';
import { documentOf, failureOf, openScenario, type Scenario } from '../support/scenario.ts';

const RELAY = 'https://relay.example/quickbooks/callback';

/** Runs `connect --paste`, approves, and answers with what `paste` makes of the address that the browser ended at. */
async function connectByPaste(lwi: Scenario, words: readonly string[], paste: (address: URL) => string) {
  const running = await lwi.startConnect(['quickbooks', '--paste', '--json', ...words], { stdin: 'open' });
  const address = new URL(await approve(running.address));
  running.child.stdin?.end(`${paste(address)}\n`);
  return { address, ran: await running.ended };
}

describe('connecting with --paste', () => {
  test('takes the whole address from stdin, also one that is not ours', async () => {
    const lwi = await openScenario();
    const { ran, address } = await connectByPaste(lwi, ['--redirect-uri', RELAY], (url) => url.href);
    expect(address.origin + address.pathname).toBe(RELAY);
    expect(documentOf(ran)).toMatchObject({ provider: 'quickbooks', externalId: '9130000000000001' });
  });

  test.each([
    ['with its question mark', (url: URL) => url.search],
    ['without it', (url: URL) => url.search.slice(1)],
  ])('takes the bare query %s', async (_, paste) => {
    const lwi = await openScenario();
    const { ran } = await connectByPaste(lwi, [], paste);
    expect(documentOf(ran)).toMatchObject({ externalId: '9130000000000001' });
  });

  test.each([
    ['an address with a wrong state', (url: URL) => url.href.replace(/state=[^&]*/, 'state=wrong')],
    ['an address without state', (url: URL) => url.href.replace(/&?state=[^&]*/, '')],
    ['an address without a code', (url: URL) => url.origin],
    ['nothing', () => ''],
  ])('%s is code 2, and nothing is exchanged', async (_, paste) => {
    const lwi = await openScenario();
    const { ran } = await connectByPaste(lwi, [], paste);
    expect(failureOf(ran)).toMatchObject({ exit: 2, stdout: '', error: { code: 'INPUT_INVALID' } });
    expect(await lwi.requests()).not.toHaveProperty('POST /quickbooks/oauth2/v1/tokens/bearer');
  });

  test('a pasted refusal is code 3', async () => {
    const lwi = await openScenario();
    const paste = (url: URL) => `?error=access_denied&state=${url.searchParams.get('state')}`;
    const { ran } = await connectByPaste(lwi, [], paste);
    expect(failureOf(ran)).toMatchObject({ exit: 3, error: { code: 'CONSENT_REFUSED' } });
  });
});
