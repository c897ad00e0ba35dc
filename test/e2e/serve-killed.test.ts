import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { systemRandom } from '../../src/clock.ts';
import { eventId } from '../../src/webhooks/event-id.ts';
import { openScenario } from '../support/scenario.ts';
import { startServe, WEBHOOK_SECRETS } from '../support/serving.ts';
import { integrity, queryStore } from '../support/store-file.ts';

/** Sends one signed delivery that is unlike all others; its key in the inbox once it was answered with 200. */
async function deliver(url: string, number: number): Promise<string | undefined> {
  const lastUpdated = new Date(number).toISOString();
  const entities = [{ name: 'Invoice', id: String((number % 3) + 1), operation: 'Update', lastUpdated }];
  const body = JSON.stringify({ eventNotifications: [{ realmId: '9130000000000001', dataChangeEvent: { entities } }] });
  const mac = createHmac('sha256', WEBHOOK_SECRETS.LWI_QUICKBOOKS_WEBHOOK_SECRET).update(body);
  const headers = { 'intuit-signature': mac.digest('base64') };
  const answer = await fetch(`${url}/webhooks/quickbooks`, { method: 'POST', body, headers }).catch(() => undefined);
  if (answer?.status !== 200) return undefined;
  return eventId({ provider: 'quickbooks', account: 'default', body: Buffer.from(body) });
}

test('whatever was answered with 200 before a kill is there after it, once, and is applied', {
  timeout: 60_000,
}, async () => {
  const lwi = await openScenario({ records: 3 });
  await lwi.connected(['quickbooks']);
  const accepted: string[] = [];
  for (const round of [1, 2, 3]) {
    const serve = await startServe(lwi);
    const killAfter = 20 + Math.floor(systemRandom() * 60);
    const numbers = Array.from({ length: 200 }, (_, at) => round * 1000 + at);
    let answered = 0;
    await Promise.all(
      numbers.map(async (number) => {
        const key = await deliver(serve.url, number);
        if (key === undefined) return;
        accepted.push(key);
        answered += 1;
        if (answered === killAfter) serve.child.kill('SIGKILL');
      }),
    );
    await serve.ended;
    expect(answered).toBeGreaterThanOrEqual(killAfter);
  }
  const keys = queryStore<{ key: string }>(lwi.home, 'SELECT key FROM inbox').map(({ key }) => key);
  expect(accepted.filter((key) => !keys.includes(key))).toEqual([]);
  expect(new Set(keys).size).toBe(keys.length);
  expect(integrity(lwi.home)).toBe('ok');
  await startServe(lwi);
  const open = () => queryStore(lwi.home, "SELECT key FROM inbox WHERE state <> 'applied'").length;
  await expect.poll(open, { timeout: 20_000 }).toBe(0);
});
