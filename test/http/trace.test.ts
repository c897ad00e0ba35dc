import { describe, expect, it } from 'vitest';
import { LwiError } from '../../src/errors.ts';
import type { Call, CallMeter, Send } from '../../src/http/http.ts';
import { trace } from '../../src/http/trace.ts';
import { quickbooks } from '../../src/providers/quickbooks/provider.ts';
import { virtualClock } from '../support/virtual-clock.ts';
import { call, failureOf, response, wire } from './support.ts';

const REQUEST = {
  method: 'GET',
  url: 'https://quickbooks.api.intuit.com/v3/x?code=s3cr3t',
  headers: { authorization: 'Bearer s3cr3t-token', accept: 'application/json' },
};
const ANSWER = response(200, '{"s3cr3t":1}', { intuit_tid: 't-1', 'set-cookie': 's3cr3t' });

async function traced(verbosity: number, send: Send, more: Partial<Call> = {}) {
  const clock = virtualClock();
  const lines: string[] = [];
  const meter: CallMeter = { requests: 0, retries: 0, throttledMs: 0 };
  const slow: Send = async (...exchange) => {
    await clock.sleep(42);
    return send(...exchange);
  };
  const layer = trace({ clock, provider: quickbooks, verbosity, write: (line) => lines.push(line) })(slow);
  const work = clock.until(layer(REQUEST, call({ meter, purpose: 'sync invoices', ...more })));
  return { lines, meter, work };
}

describe('the trace', () => {
  it('writes nothing unless it is asked for, but counts the request', async () => {
    const { lines, meter, work } = await traced(0, wire(ANSWER).send);
    expect(await work).toBe(ANSWER);
    expect([lines, meter.requests]).toEqual([[], 1]);
  });

  it('writes one line for each exchange, with the id of the provider and without secrets', async () => {
    const { lines, work } = await traced(1, wire(ANSWER).send);
    await work;
    expect(lines).toEqual([
      '2026-01-05T10:00:00.000Z http sync invoices GET https://quickbooks.api.intuit.com/v3/x?code=[redacted] 200 12 B 42 ms, request t-1',
    ]);
  });

  it('says which try it was and how long it waited for its permit', async () => {
    const { lines, work } = await traced(1, wire(ANSWER).send, { attempt: 3, waitedMs: 1234 });
    await work;
    expect(lines[0]).toMatch(/ 200 12 B 42 ms, try 3, waited 1s, request t-1$/);
  });

  it('adds the headers at the second level, still without secrets', async () => {
    const { lines, work } = await traced(2, wire(ANSWER).send);
    await work;
    expect(lines.slice(1)).toEqual([
      '  > authorization: [redacted]',
      '  > accept: application/json',
      '  < intuit_tid: t-1',
      '  < set-cookie: [redacted]',
    ]);
  });

  it.each([
    [new LwiError('NETWORK', 'No answer'), 'NETWORK'],
    [new Error('a defect'), 'failed'],
  ])('says what became of an exchange that failed: %s', async (error, word) => {
    const { lines, meter, work } = await traced(1, wire(error).send);
    expect(await failureOf(work)).toBe(error);
    expect(lines).toEqual([
      `2026-01-05T10:00:00.000Z http sync invoices GET https://quickbooks.api.intuit.com/v3/x?code=[redacted] ${word} 42 ms`,
    ]);
    expect(meter.requests).toBe(1);
  });
});
