import { expect, test } from 'vitest';
import { oddServer, type Received } from '../support/odd-server.ts';
import { failureOf, inThisProcess, openScenario, type Scenario, sandboxed } from '../support/scenario.ts';

const PATH = '/v3/company/9130000000000001/invoice';

/** A company with one invoice that somebody else changes `others` times, each time just before lwi does. */
async function openCompany(
  others: number,
): Promise<{ lwi: Scenario; received: Received[]; invoice: Record<string, unknown> }> {
  const invoice: Record<string, unknown> = { Id: '145', SyncToken: '3', PrivateNote: 'old', DocNumber: 'LD-1' };
  let left = others;
  const { url, received } = await oddServer(({ method, path, body }) => {
    const all = () => ({ json: { Invoice: invoice, time: '2026-01-05T02:00:00.000-08:00' } });
    if (method === 'GET' && path === `${PATH}/145`) return all();
    if (method !== 'POST' || path !== PATH) return { status: 404, json: {} };
    if (left > 0) {
      left -= 1;
      Object.assign(invoice, { DocNumber: `LD-${9 - left}`, SyncToken: String(Number(invoice['SyncToken']) + 1) });
    }
    const update = JSON.parse(body) as Record<string, unknown>;
    if (update['SyncToken'] !== invoice['SyncToken']) {
      const error = { Message: 'Stale Object Error', Detail: 'made-up', code: '5010', element: '' };
      return {
        status: 400,
        json: { Fault: { Error: [error], type: 'ValidationFault' } },
        headers: { intuit_tid: '1-abc' },
      };
    }
    const { sparse, ...fields } = update;
    if (sparse !== true) for (const name of Object.keys(invoice)) delete invoice[name];
    Object.assign(invoice, fields, { SyncToken: String(Number(update['SyncToken']) + 1) });
    return all();
  });
  const lwi = inThisProcess(await openScenario());
  const env = sandboxed(lwi);
  await lwi.connected(['quickbooks'], { env });
  sandboxed(lwi, { apiBaseUrl: url });
  const run: Scenario['run'] = (words, options) => lwi.run(words, { ...options, env });
  return { lwi: { ...lwi, run }, received, invoice };
}

const change = (sparse: boolean) => JSON.stringify({ Id: '145', SyncToken: '3', sparse, PrivateNote: 'mine' });
const words = ['api', 'quickbooks', '/invoice', '--input', '-', '--json'];

test.each([1, 2])('a sparse update that loses %i races is done on top of what the others did', async (others) => {
  const { lwi, received, invoice } = await openCompany(others);
  const ran = await lwi.run(words, { stdin: change(true) });
  expect([ran.code, JSON.parse(ran.stdout).Invoice]).toEqual([0, invoice]);
  expect(invoice).toMatchObject({ PrivateNote: 'mine', DocNumber: 'LD-9', SyncToken: String(4 + others) });
  expect(received.map(({ method }) => method)).toEqual([
    'POST',
    ...Array.from({ length: others }, () => ['GET', 'POST']).flat(),
  ]);
});

test.each([
  ['a full update is not sent again', false, 1, ['POST']],
  ['a sparse update is given up after two merges', true, 9, ['POST', 'GET', 'POST', 'GET', 'POST']],
])('%s: code 4, and the remedy says what to do', async (_name, sparse, others, methods) => {
  const { lwi, received, invoice } = await openCompany(others);
  expect(failureOf(await lwi.run(words, { stdin: change(sparse) }))).toMatchObject({
    exit: 4,
    error: {
      ...{ code: 'CONFLICT', providerCode: '5010', requestId: '1-abc', retryable: false },
      hint: 'Fetch the record again, merge and repeat.',
    },
  });
  expect(received.map(({ method }) => method)).toEqual(methods);
  expect(invoice['PrivateNote']).toBe('old');
});
