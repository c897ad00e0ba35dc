import { describe, expect, it } from 'vitest';
import { isLwiError, LwiError } from '../../src/errors.ts';
import { resolveConflicts } from '../../src/http/conflict.ts';
import type { CallMeter, HttpRequest, HttpResponse } from '../../src/http/http.ts';
import { quickbooks } from '../../src/providers/quickbooks/provider.ts';
import { START } from '../support/virtual-clock.ts';
import { acme, call, failureOf, response, wire } from './support.ts';

const AT = 'https://quickbooks.api.intuit.com/v3/company/1/invoice';
const stale = new LwiError('CONFLICT', 'stale', { providerCode: '5010' });
const record = (token: string) => response(200, { Invoice: { Id: '145', SyncToken: token } });
const ENDING = { now: () => START, deadlineMs: 300_000 };
const DONE = response(200, { Invoice: { Id: '145' } });

const change = (more: object = { sparse: true }): HttpRequest => ({
  ...{ method: 'POST', url: AT, headers: {} },
  body: JSON.stringify({ Id: '145', SyncToken: '3', PrivateNote: 'mine', ...more }),
});

function sending(request: HttpRequest, ...outcomes: (HttpResponse | Error)[]) {
  const { send, requests, calls } = wire(...outcomes);
  const meter: CallMeter = { requests: 0, retries: 0, throttledMs: 0 };
  const work = resolveConflicts(quickbooks, ENDING)(send)(
    request,
    call({ meter, repeatable: false, limits: ['minute'] }),
  );
  const steps = () => requests.map(({ method, body }) => (body ? JSON.parse(String(body)).SyncToken : method));
  return { work, steps, calls, meter };
}

describe('a change that somebody else was faster than', () => {
  it('is sent once more on top of the record as it is now', async () => {
    const { work, steps, calls, meter } = sending(change(), stale, record('4'), DONE);
    expect(await work).toBe(DONE);
    expect(steps()).toEqual(['3', 'GET', '4']);
    expect(calls.map(({ repeatable, expects, limits }) => [repeatable, expects, limits])).toEqual([
      [false, undefined, ['minute']],
      [true, 'json', ['minute', 'second']],
      [false, undefined, ['minute']],
    ]);
    expect(meter.retries).toBe(1);
    // One deadline for all of it.
    expect(calls.map(({ deadline }) => deadline)).toEqual(Array(3).fill(START + 300_000));
  });

  it('is sent at most twice more', async () => {
    const { work, steps } = sending(change(), stale, record('4'), stale, record('5'), stale, record('6'));
    expect(await failureOf(work)).toBe(stale);
    expect(steps()).toEqual(['3', 'GET', '4', 'GET', '5']);
  });

  it('that would take back the change of the other is not sent again, and the remedy says what to do', async () => {
    const { work, steps } = sending(change({ sparse: false }), stale);
    const error = await failureOf(work);
    expect(steps()).toEqual(['3']);
    expect(isLwiError(error) && [error.exitCode, error.hint]).toEqual([4, 'Fetch the record again, merge and repeat.']);
  });

  it.each([
    ['is gone', new LwiError('NOT_FOUND', 'gone')],
    ['is not told', response(200, {})],
    ['has the same token', record('3')],
  ])('stays a conflict when the record %s', async (_name, answer) => {
    const { work, steps } = sending(change(), stale, answer);
    expect(await failureOf(work)).toBe(stale);
    expect(steps()).toEqual(['3', 'GET']);
  });

  it('fails with the trouble that the fetch has met', async () => {
    const down = new LwiError('SERVER_ERROR', 'down');
    expect(await failureOf(sending(change(), stale, down).work)).toBe(down);
  });
});

it.each([
  ['another failure', quickbooks, new LwiError('VALIDATION_FAILED', 'no', { providerCode: '5010' })],
  ['a provider that knows no merge', acme(), stale],
])('%s passes', async (_name, provider, error) => {
  const { send, requests } = wire(error);
  expect(await failureOf(resolveConflicts(provider, ENDING)(send)(change(), call()))).toBe(error);
  expect(requests).toHaveLength(1);
});
