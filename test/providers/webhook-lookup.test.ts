import { createServer } from 'node:http';
import { describe, expect, test } from 'vitest';
import { mycarrierpackets } from '../../src/providers/mycarrierpackets/provider.ts';
import type { Provider } from '../../src/providers/provider.ts';
import { slack } from '../../src/providers/slack/provider.ts';
import type { WebhookEvent } from '../../src/providers/webhook-settings.ts';
import { control } from '../mock/started-mock.ts';
import { listening } from '../support/listening.ts';
import { type MockSource, mockSource } from './mock-source.ts';

/** Lets the mock send an event, and reads it. */
async function eventOf(provider: Provider, source: MockSource, query: Record<string, string>): Promise<WebhookEvent> {
  let body = new Uint8Array();
  const to = await listening(
    createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      body = new Uint8Array(Buffer.concat(chunks));
      response.end();
    }),
  );
  await control(source.url, `${provider.id}/webhook?${new URLSearchParams({ to, ...query })}`);
  const [event] = provider.webhook?.readEvents(body, {}) ?? [];
  if (event === undefined) throw new Error('no event came');
  return event;
}

/** What a lookup of the event's subject finds: the record, or that it is gone; undefined where only a window can tell. */
async function subjectOf(provider: Provider, source: MockSource, { entity, entityId }: WebhookEvent) {
  const stream = provider.streams.find(({ name }) => name === entity);
  if (stream?.lookup === undefined || entityId === undefined) return undefined;
  const page = await source.lookup(stream, entityId);
  return page?.records.find(({ id }) => id === entityId) ?? 'gone';
}

describe('an event leads to the record that it is about:', () => {
  test.each([
    ['a message', 'message', 'messages', true],
    ['an edited message', 'message_changed', 'messages', true],
    ['a user', 'user_change', 'users', false],
    ['a channel', 'channel_rename', 'channels', false],
  ])('%s', async (_name, event, entity, isMessage) => {
    const source = await mockSource(slack);
    const [ts = ''] = isMessage ? await source.change('touch?stream=messages') : [];
    const told = await eventOf(slack, source, isMessage ? { event, id: ts } : { event });
    expect(told.entity).toBe(entity);
    expect(await subjectOf(slack, source, told)).toMatchObject({ id: told.entityId, deleted: false });
  });

  test('a reply, although no history has it', async () => {
    const source = await mockSource(slack);
    const [ts = ''] = await source.change('add?stream=replies');
    const told = await eventOf(slack, source, { event: 'message', id: ts });
    expect(await subjectOf(slack, source, told)).toMatchObject({ id: `C00000001:${ts}`, data: { text: 'reply 3' } });
  });

  test('a deleted message, which is gone', async () => {
    const source = await mockSource(slack);
    const [ts = ''] = await source.change('delete?stream=messages&count=1');
    const told = await eventOf(slack, source, { event: 'message_deleted', id: ts });
    expect(told).toMatchObject({ entity: 'messages', deleted: true });
    expect(await subjectOf(slack, source, told)).toBe('gone');
  });

  test('a channel that is not there, which is gone', async () => {
    const source = await mockSource(slack);
    expect(await subjectOf(slack, source, await eventOf(slack, source, { event: 'channel_created' }))).toBe('gone');
  });

  test.each(['member_joined_channel', 'member_left_channel'])('%s, which only the list tells', async (event) => {
    const source = await mockSource(slack);
    const told = await eventOf(slack, source, { event, id: 'U00000002' });
    expect(told).toMatchObject({ entity: 'members', entityId: 'C00000001:U00000002' });
    expect(await subjectOf(slack, source, told)).toBeUndefined();
  });

  test('an incident report of a carrier', async () => {
    const source = await mockSource(mycarrierpackets);
    const report = { event: 'carrier.incident_report.created', id: '1000003' };
    const told = await eventOf(mycarrierpackets, source, report);
    expect(await subjectOf(mycarrierpackets, source, told)).toMatchObject({ id: '1000003', data: { dot: '1000003' } });
    await source.change('delete?stream=monitored-carriers&id=1000003');
    expect(await subjectOf(mycarrierpackets, source, told)).toBe('gone');
  });

  test.each([
    ['carrier.packet.completed', 'completed-packets'],
    ['carrier.user_verification.completed', 'carrier-contacts'],
  ])('%s, which only a window tells', async (event, entity) => {
    const source = await mockSource(mycarrierpackets);
    const told = await eventOf(mycarrierpackets, source, { event });
    expect([told.entity, await subjectOf(mycarrierpackets, source, told)]).toEqual([entity, undefined]);
  });
});
