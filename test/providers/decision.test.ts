import { describe, expect, test } from 'vitest';
import { type Decision, decide, FACTORS } from '../../src/providers/decision.ts';
import { fromDefinition } from '../../src/providers/generic/provider.ts';
import type { Provider } from '../../src/providers/provider.ts';
import { BUILT_IN } from '../../src/providers/registry.ts';

const API = { baseUrl: 'https://api.acme.example' };
const STREAMS = [{ name: 'items', path: '/items' }];

const acme = (change: object = {}) =>
  fromDefinition({ id: 'acme', title: 'Acme', api: API, streams: STREAMS, ...change });

const favours = ({ matrix }: Decision) => Object.fromEntries(matrix.map((row) => [row.factor, row.favours]));

const builtIn = (id: string): Provider => {
  const found = BUILT_IN.find((provider) => provider.id === id);
  if (!found) throw new Error(id);
  return found;
};

describe('webhooks or polling', () => {
  test.each([...BUILT_IN, acme(), acme({ webhook: {} }), acme({ streams: [], webhook: {} }), acme({ streams: [] })])(
    '$id has every factor of the matrix, each with a sentence',
    (provider) => {
      const { matrix, because } = decide(provider);
      expect(matrix.map(({ factor }) => factor)).toEqual(FACTORS);
      expect([because, ...matrix.map(({ why }) => why)].filter((text) => !/^[A-Z].*\.$/.test(text))).toEqual([]);
    },
  );

  test('without a webhook everything speaks for polling', () => {
    const decision = decide(acme());
    expect(decision.advice).toBe('polling');
    expect(new Set(Object.values(favours(decision)))).toEqual(new Set(['polling']));
  });

  test('with a webhook and entities it is both; with a webhook alone it is webhooks', () => {
    expect(decide(acme({ webhook: {} })).advice).toBe('both');
    expect(decide(acme({ webhook: {}, streams: [] })).advice).toBe('webhooks');
  });

  test('what has no events is named, and so is a horizon of retries that an outage outlasts', () => {
    const packets = decide(builtIn('mycarrierpackets'));
    expect(packets).toMatchObject({ advice: 'both', because: expect.stringContaining('carrier-changes') });
    expect(favours(packets)).toMatchObject({ 'webhook reliability': 'polling', 'API support': 'polling' });
    expect(packets.matrix[0]?.why).toContain('carrier-changes may be polled every 4m at most');
    expect(favours(decide(builtIn('quickbooks')))).toMatchObject({
      'webhook reliability': 'webhooks',
      cost: 'webhooks',
    });
    expect(favours(decide(builtIn('slack')))).toMatchObject({ 'API support': 'webhooks', ordering: 'polling' });
  });

  test('facts change the rows: order, retries of days, a metered quota, records that can be fetched one by one', () => {
    const plain = acme({ webhook: {} });
    const { webhook } = plain;
    if (!webhook) throw new Error('it has a webhook');
    const delivery = { ordered: true, retriesForMs: 3 * 86_400_000, covers: ['items'], source: 'test' };
    const streams = plain.streams.map((stream) => ({ ...stream, lookup: stream.start as never }));
    const monthlyQuota = { calls: 500, plan: 'Builder' };
    const known = decide({ ...plain, streams, monthlyQuota, webhook: { ...webhook, delivery } });
    expect(favours(known)).toMatchObject({
      ...{ ordering: 'either', 'webhook reliability': 'webhooks', 'API support': 'webhooks', 'data volume': 'either' },
    });
    expect(known.matrix.at(-1)?.why).toContain('of 500 that the Builder plan includes');
  });
});
