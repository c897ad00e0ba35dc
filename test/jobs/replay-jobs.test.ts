import { expect, test } from 'vitest';
import { replayJobs } from '../../commands/serve/replay-jobs.ts';
import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import type { Job } from '../../src/jobs/jobs.ts';
import type { Store } from '../../src/store/store.ts';
import { openTarget } from '../support/target.ts';
import { virtualClock } from '../support/virtual-clock.ts';

const KEPT = { event: 7, key: 'Ev7', account: 'a', provider: 'acme', method: 'POST', path: '/', headers: [] };

/** How `lwi serve` ends a replay to `to`, and what it says of it on stderr. */
async function replayed(to: string, event: () => unknown = () => ({ ...KEPT, body: Buffer.from('{}') })) {
  const told: string[] = [];
  const terminal = { json: false, warn: (line: string) => void told.push(line), info: () => {} };
  const store = { event: async () => event(), noteReplay: async () => {} };
  const run = replayJobs({ clock: virtualClock(), terminal } as unknown as Context, {
    store: store as unknown as Store,
    metrics: { job: () => {} } as unknown as Parameters<typeof replayJobs>[1]['metrics'],
  });
  const order = { to, event: 7, reSign: false, settles: undefined, timeoutMs: 5000 };
  const job: Job = {
    kind: 'replay',
    provider: 'acme',
    id: '1',
    account: 'a',
    key: undefined,
    order,
    attempt: 0,
    ageMs: 0,
  };
  const { end } = await run([job], new AbortController().signal);
  return { end, told: told.join() };
}

test('a target that does not take an event is named without its query, which only it should know', async () => {
  const target = await openTarget(() => 500);
  const { end, told } = await replayed(`${target.url}&token=s3cret`);
  expect(target.arrived).toHaveLength(1);
  expect(end).toMatchObject({ state: 'failed', again: true, error: { code: 'NETWORK' } });
  expect(told).toContain('did not take the event: HTTP 500');
  for (const text of [told, JSON.stringify(end)]) expect(text).not.toContain('s3cret');
});

test('what nobody expects is the failure of this replay; trouble of the store is not', async () => {
  const raw = await replayed('http://127.0.0.1:9/', () => {
    throw new Error('invalid byte sequence for encoding "UTF8": 0x00');
  });
  expect(raw.end).toMatchObject({ state: 'failed', again: false, error: { code: 'INTERNAL' } });
  expect(raw.told).toContain('invalid byte sequence');
  expect((await replayed('no address')).end).toMatchObject({ state: 'failed', again: false, error: { code: 'USAGE' } });
  const away = replayed('http://127.0.0.1:9/', () => {
    throw new LwiError('STORE_AWAY', 'gone');
  });
  await expect(away).rejects.toMatchObject({ code: 'STORE_AWAY' });
});
