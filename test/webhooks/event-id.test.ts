import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { eventId, schemeEventId } from '../../src/webhooks/event-id.ts';
import { hmacScheme, PRESETS } from '../../src/webhooks/presets.ts';

const body = Buffer.from('{"id":"evt_1","event_id":"Ev1"}');
const source = { provider: 'acme', account: 'north', body };

test('the provider’s id, else the hash of provider, account and body', () => {
  expect(eventId({ ...source, id: 'Ev1' })).toBe('Ev1');
  const hash = createHash('sha256').update('acme\0north\0{"id":"evt_1","event_id":"Ev1"}').digest('hex');
  expect(eventId(source)).toBe(hash);
  expect(eventId({ ...source, id: '' })).toBe(hash);
  expect(eventId({ ...source, id: 'x'.repeat(200) })).toBe('x'.repeat(200));
  expect(eventId({ ...source, id: 'x'.repeat(201) })).toBe(hash);
  expect(eventId({ ...source, id: 'Ev\0' })).toBe(hash);
  expect(eventId({ ...source, id: 'Ev\ud800' })).toBe(hash);
});

test('another account, provider or body is another event', () => {
  const ids = [
    eventId(source),
    eventId({ ...source, account: 'south' }),
    eventId({ ...source, provider: 'acm', account: 'enorth' }),
    eventId({ ...source, body: Buffer.from('{}') }),
  ];
  expect(new Set(ids).size).toBe(4);
});

test('a scheme says where the id is: a header, its alias, a member of the body, or nowhere', () => {
  expect(schemeEventId(PRESETS.github, { 'X-GitHub-Delivery': 'd-1' }, body)).toBe('d-1');
  expect(schemeEventId(PRESETS.github, {}, body)).toBe(undefined);
  expect(schemeEventId(PRESETS['standard-webhooks'], { 'svix-id': 'msg_1' }, body)).toBe('msg_1');
  expect(schemeEventId(PRESETS.stripe, {}, body)).toBe('evt_1');
  expect(schemeEventId(PRESETS.slack, {}, body)).toBe('Ev1');
  expect(schemeEventId(PRESETS.slack, {}, Buffer.from('ssl_check=1'))).toBe(undefined);
  expect(schemeEventId(PRESETS.slack, {}, Buffer.from('{"event_id":7}'))).toBe(undefined);
  expect(schemeEventId(PRESETS.mycarrierpackets, {}, body)).toBe(undefined);
});

test('with a header and a member, the member stands in where the header is missing', () => {
  const scheme = hmacScheme({ idHeader: 'X-Id', idField: 'a.id' });
  const body = Buffer.from('{"a":{"id":"in-the-body"}}');
  expect(schemeEventId(scheme, { 'x-id': 'in-the-header' }, body)).toBe('in-the-header');
  expect(schemeEventId(scheme, {}, body)).toBe('in-the-body');
  // A view into a larger memory is read from its own first byte to its own last.
  const view = new Uint8Array(Buffer.from(`junk${body.toString()}junk`)).subarray(4, -4);
  expect(schemeEventId(scheme, {}, view)).toBe('in-the-body');
});

test('a list of events has the id of the only one, or one made of all, whatever its bytes', () => {
  const idOf = (events: unknown) => schemeEventId(PRESETS.intuit, {}, Buffer.from(JSON.stringify(events)));
  expect(idOf([{ id: 'one' }])).toBe('one');
  const two = idOf([{ id: 'one' }, { id: 'two' }]);
  expect(two).toBe(createHash('sha256').update('one\0two').digest('hex'));
  expect(idOf([{ id: 'one', more: 1 }, { id: 'two' }])).toBe(two);
  expect(idOf([{ id: 'two' }, { id: 'one' }])).not.toBe(two);
  for (const none of [
    [],
    [{ id: 'one' }, {}],
    [{ id: '' }],
    [7],
    [{ id: 'one' }, { id: '\ud800' }],
    [{ id: 'a\0b' }, { id: 'c' }],
    { eventNotifications: [{ realmId: '1' }] },
  ]) {
    expect(idOf(none)).toBe(undefined);
  }
});
