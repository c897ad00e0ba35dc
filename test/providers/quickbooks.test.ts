import { describe, expect, test } from 'vitest';
import { api } from '../../src/providers/quickbooks/api.ts';
import { quickbooks } from '../../src/providers/quickbooks/provider.ts';

const { oauth } = quickbooks;

describe('the grant', () => {
  test('takes the realm from the redirect as text, and both ends of the refresh token', () => {
    const body = { x_refresh_token_expires_in: 8640000, x_refresh_token_hard_expires_in: '157680000' };
    const callback = { code: 'c', state: 's', realmId: '9130357849845526001' };
    expect(oauth.readGrant({ body, callback, idToken: {} })).toEqual({
      externalId: '9130357849845526001',
      refreshExpiresIn: 8640000,
      refreshHardExpiresIn: 157680000,
    });
  });

  test('takes lifetimes that came as text', () => {
    const body = { access_token: 'a', token_type: 'bearer', expires_in: '3600', x_refresh_token_expires_in: '8640000' };
    expect(oauth.adaptTokenAnswer({ status: 200, body })).toEqual({
      status: 200,
      body: { ...body, expires_in: 3600, x_refresh_token_expires_in: 8640000 },
    });
  });
});

test.each([
  ['invoice/145', '/v3/company/123/invoice/145'],
  ['/query?query=select', '/v3/company/123/query?query=select'],
  ['/v3/company/9/invoice/1', '/v3/company/9/invoice/1'],
  ['v3/company/9/invoice/1', '/v3/company/9/invoice/1'],
  ['/v30/x', '/v3/company/123/v30/x'],
])('the path %s is completed to %s', (path, expected) => {
  expect(api.resolvePath?.(path, '123')).toBe(expected);
});

test('a path without a known company keeps the placeholder', () => {
  expect(api.resolvePath?.('invoice/1', undefined)).toBe('/v3/company/{externalId}/invoice/1');
});

test.each([
  ['POST', '/v3/company/1/invoice', false],
  ['POST', '/v3/company/1/invoice?requestid=abc', true],
  ['POST', '/v3/company/1/invoice?minorversion=75&requestid=abc', true],
  ['POST', '/v3/company/1/invoice?requestid=', false],
  ['POST', '/v3/company/1/invoice?norequestid=abc', false],
  ['POST', '/v3/company/1/query', true],
  ['POST', '/v3/company/1/batch', false],
])('%s %s may be repeated: %s', (method, path, expected) => {
  expect(api.repeatable?.(method, path)).toBe(expected);
});

test('batches count as such beside minute and second', () => {
  expect(quickbooks.limitsFor('POST', '/v3/company/1/batch?minorversion=75')).toEqual(['minute', 'second', 'batch']);
  expect(quickbooks.limitsFor('GET', '/v3/company/1/query')).toEqual(['minute', 'second']);
});

test('the name of the company is read from the probe', () => {
  expect(api.nameFromProbe?.({ CompanyInfo: { CompanyName: 'Example LLC' } })).toEqual({ externalName: 'Example LLC' });
});

test('events of several realms, deletions and unknown entities are told apart', () => {
  const entities = [
    { name: 'CreditMemo', id: '1', operation: 'Delete', lastUpdated: '2026-01-05T10:00:00.000Z' },
    { name: 'Budget', id: '2', operation: 'Update' },
    'nonsense',
  ];
  const notification = (realmId: string, list: unknown) => ({ realmId, dataChangeEvent: { entities: list } });
  const body = { eventNotifications: [notification('1', entities), notification('2', null), null] };
  expect(quickbooks.webhook?.readEvents(new TextEncoder().encode(JSON.stringify(body)), {})).toEqual([
    {
      type: 'CreditMemo.Delete',
      externalId: '1',
      entity: 'credit-memos',
      entityId: '1',
      deleted: true,
      occurredAt: Date.UTC(2026, 0, 5, 10),
    },
    { type: 'Budget.Update', externalId: '1', entity: 'budgets', entityId: '2' },
  ]);
});

test('a deleting CloudEvent of an entity of two words is read', () => {
  const event = {
    id: 'e1',
    type: 'qbo.credit_memo.deleted.v1',
    intuitaccountid: '2',
    intuitentityid: '9',
    time: '2026-01-05T10:00:00.123456789Z',
  };
  expect(quickbooks.webhook?.readEvents(new TextEncoder().encode(JSON.stringify([event, {}])), {})).toEqual([
    {
      id: 'e1',
      type: 'qbo.credit_memo.deleted.v1',
      externalId: '2',
      entity: 'credit-memos',
      entityId: '9',
      deleted: true,
      occurredAt: Date.UTC(2026, 0, 5, 10, 0, 0, 123),
    },
  ]);
});
