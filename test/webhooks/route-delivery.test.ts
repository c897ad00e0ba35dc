import { expect, test } from 'vitest';
import type { WebhookEvent } from '../../src/providers/webhook-settings.ts';
import { routeDelivery } from '../../src/webhooks/route-delivery.ts';

const A = { account: 'a', externalId: 'co-a' };
const B = { account: 'b', externalId: 'co-b' };
const about = (...companies: (string | undefined)[]): WebhookEvent[] =>
  companies.map((externalId) => ({ type: 'changed', ...(externalId === undefined ? {} : { externalId }) }));

test.each<[string, Parameters<typeof routeDelivery>, { account: string; failed?: unknown }[]]>([
  ['the company that it names', [undefined, about('co-b'), [A, B]], [{ account: 'b' }]],
  ['several companies', [undefined, about('co-b', 'co-a', 'co-b'), [A, B]], [{ account: 'b' }, { account: 'a' }]],
  [
    'one company in two accounts',
    [undefined, about('co-a'), [A, { ...A, account: 'c' }]],
    [{ account: 'a' }, { account: 'c' }],
  ],
  ['no company, one connection', [undefined, about(undefined), [A]], [{ account: 'a' }]],
  [
    'no company, several connections',
    [undefined, about(undefined), [A, B]],
    [{ account: '', failed: expect.stringContaining('several') }],
  ],
  ['no company, no connection', [undefined, about(undefined), []], [{ account: '', failed: 'there is no connection' }]],
  [
    'an unknown company, although there is one connection',
    [undefined, about('co-x'), [A]],
    [{ account: '', failed: expect.stringContaining('co-x') }],
  ],
  [
    'a known and an unknown one',
    [undefined, about('co-a', 'co-x'), [A]],
    [{ account: 'a' }, { account: '', failed: expect.stringContaining('co-x') }],
  ],
  ['the account of the path', ['b', about(undefined), [A, B]], [{ account: 'b' }]],
  ['the account of the path, and its company', ['b', about('co-b'), [A, B]], [{ account: 'b' }]],
  [
    'the account of the path, but another company',
    ['b', about('co-a'), [A, B]],
    [{ account: 'b', failed: expect.stringContaining('co-a') }],
  ],
  [
    'an account that has no connection',
    ['x', about('co-a'), [A]],
    [{ account: 'x', failed: 'the account has no connection' }],
  ],
  ['nothing that can be read', [undefined, [], [A]], [{ account: 'a', failed: 'the body cannot be read as events' }]],
])('%s', (_, input, routes) => expect(routeDelivery(...input)).toEqual(routes));

test('a reason stays short, however long the name of a company is', () => {
  const [route] = routeDelivery(undefined, about('x'.repeat(10_000)), [A]);
  expect(route?.failed?.length).toBeLessThan(100);
});
