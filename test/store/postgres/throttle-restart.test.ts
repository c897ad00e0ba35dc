import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { rateLimit } from '../../../src/http/rate-limit.ts';
import { openPostgresStore } from '../../../src/store/postgres/open.ts';
import { acme, call, failureOf, REQUEST, response } from '../../http/support.ts';
import { POSTGRES } from '../../support/postgres.ts';
import { NO_POSTGRES, postgresServer } from '../../support/postgres-server.ts';
import { fullestWindow } from '../permit-queue.ts';

const LIMIT = { name: 'second', permits: 5, perMs: 1000, burst: 5, concurrency: 100 };

test('a database that crashes while calls wait for permits: they go on when it is back, and no permit is given twice', async ({
  skip,
}) => {
  if (POSTGRES === undefined) skip(NO_POSTGRES);
  const server = await postgresServer();
  onTestFinished(() => server.remove());
  const clock = systemClock;
  const sent: number[] = [];
  const stores = [await openOn(server.url('postgres')), await openOn(server.url('postgres'))];
  const layers = stores.map((store) =>
    rateLimit({ store, clock, provider: acme({ limits: [LIMIT] }) })(async () => {
      sent.push(performance.now());
      await clock.sleep(5);
      return response(200);
    }),
  );
  const lane = async (send: (typeof layers)[number]) => {
    for (let i = 0; i < 5; i++) await send(REQUEST, call({ limits: ['second'] }));
  };
  const lanes = Promise.all([...layers, ...layers].map(lane));
  const begun = expect.poll(() => sent.length, { interval: 5, timeout: 15_000 }).toBeGreaterThanOrEqual(7);
  // A lane that fails says so at once.
  await Promise.race([begun, lanes]);
  const crashed = performance.now();
  await server.stop('immediate');
  await server.start();
  await lanes;
  expect(sent.length).toBe(20);
  expect(sent.filter((at) => at > crashed).length).toBeGreaterThan(5);
  expect(fullestWindow(sent, LIMIT.perMs)).toBeLessThanOrEqual(LIMIT.permits);

  await server.stop();
  const [send] = layers;
  const deadline = clock.now() + 800;
  const failed = await failureOf((send ?? (() => Promise.reject()))(REQUEST, call({ limits: ['second'], deadline })));
  expect(failed).toMatchObject({ code: 'STORE_AWAY' });
  expect(clock.now()).toBeLessThan(deadline + 2000);
  expect(sent.length).toBe(20);
});

async function openOn(url: string) {
  const store = await openPostgresStore(url, 'test', { now: () => systemClock.now() });
  onTestFinished(() => store.close());
  return store;
}
