import { describe, expect, test } from 'vitest';
import { dottedValue } from '../../src/dotted-path.ts';
import { slack } from '../../src/providers/slack/provider.ts';
import type { RecordRange } from '../../src/providers/stream.ts';
import { type MockSource, mockSource, type Pulled } from './mock-source.ts';
import { DAY_MS, streamNamed } from './support.ts';

const messages = streamNamed(slack.streams, 'messages');
const members = streamNamed(slack.streams, 'members');
const users = streamNamed(slack.streams, 'users');

const THREAD = 'replies:C00000001';

/** What the engine would take for gone: known records in a complete range that the window has not seen. */
function absent(known: Pulled, window: Pulled): string[] {
  const seen = new Set(window.ids);
  const ranges = window.pages.flatMap(({ complete }) => complete ?? []);
  const gone = known.pages
    .flatMap(({ records }) => records)
    .filter(({ id, scope }) => !seen.has(id) && ranges.some((range) => holds(range, id, scope)));
  return [...new Set(gone.map(({ id }) => id))];
}

function holds({ scope, from = '', to = '\uffff' }: RecordRange, id: string, of: string | undefined): boolean {
  return scope === of && id >= from && id <= to;
}

/** A workspace, and a window that reaches back over all of it: bounded, so that everything is said that a bounded one can say. */
async function workspace(options?: Parameters<typeof mockSource>[1]) {
  const source = await mockSource(slack, options);
  const since = source.clock.now() - 500 * DAY_MS;
  return { source, since, before: await source.read(messages, since) };
}

async function windowAfter(source: MockSource, since: number, before: Pulled) {
  const window = await source.read(messages, since);
  const known = new Set(before.ids);
  return { window, gone: absent(before, window), come: [...new Set(window.ids)].filter((id) => !known.has(id)) };
}

describe('a window of messages tells', () => {
  test('nothing where nothing happened', async () => {
    const { source, since, before } = await workspace();
    expect(await windowAfter(source, since, before)).toMatchObject({ gone: [], come: [] });
  });

  test('a deleted message, and not those that it did not ask for', async () => {
    const { source, since, before } = await workspace();
    const old = before.ids.filter((id) => id.startsWith('C00000001:')).sort();
    const [first = '', last = ''] = [old[0], old.at(-1)];
    for (const id of [first, last]) await source.change(`delete?stream=messages&id=${id.split(':')[1]}`);
    expect((await windowAfter(source, since, before)).gone).toEqual([last, first]);
    const month = source.clock.now() - 60 * DAY_MS;
    expect((await windowAfter(source, month, before)).gone).toEqual([last]);
  });

  test('a deleted message that has replies as a tombstone; with its last reply the grave goes too', async () => {
    const { source, since, before } = await workspace();
    const parent = threadOf(before);
    const id = `C00000001:${parent}`;
    const replies = before.ids.filter((one) => scopeOf(before, one) === id);
    expect(replies).toHaveLength(2);
    await source.change(`delete?stream=messages&id=${parent}`);
    const grave = await windowAfter(source, since, before);
    expect([grave.gone, recordOf(grave.window, id)?.deleted]).toEqual([[], true]);
    for (const reply of replies) await source.change(`delete?stream=${THREAD}:${parent}&id=${reply.split(':')[1]}`);
    // With the grave the thread is out of sight: nothing tells that its replies are gone.
    expect((await windowAfter(source, since, before)).gone).toEqual([id]);
    expect(await source.lookup(messages, replies[0] ?? '')).toBeUndefined();
  });

  test('a deleted reply', async () => {
    const { source, since, before } = await workspace();
    const parent = threadOf(before);
    const [, last = ''] = before.ids.filter((one) => scopeOf(before, one) === `C00000001:${parent}`).sort();
    await source.change(`delete?stream=${THREAD}:${parent}&id=${last.split(':')[1]}`);
    expect((await windowAfter(source, since, before)).gone).toEqual([last]);
  });

  test('the deletion of the only reply to a message', async () => {
    const { source, since } = await workspace();
    const [parent] = await source.change('add?stream=messages');
    source.clock.advance(DAY_MS);
    const [reply = ''] = await source.change(`add?stream=${THREAD}:${parent}`);
    const before = await source.read(messages, since);
    await source.change(`delete?stream=${THREAD}:${parent}&id=${reply}`);
    expect((await windowAfter(source, source.clock.now() - 7 * DAY_MS, before)).gone).toEqual([`C00000001:${reply}`]);
  });

  test('a new reply once, also when it was sent to the channel too', async () => {
    const { source, since, before } = await workspace();
    const parent = threadOf(before);
    const [reply] = await source.change(`add?stream=${THREAD}:${parent}`);
    const [broadcast] = await source.change(`add?stream=broadcasts:C00000001:${parent}`);
    const { window, gone, come } = await windowAfter(source, since, before);
    expect([gone, come.sort()]).toEqual([[], [`C00000001:${reply}`, `C00000001:${broadcast}`].sort()]);
    for (const id of come) expect(scopeOf(window, id)).toBe(`C00000001:${parent}`);
    await source.change(`delete?stream=broadcasts:C00000001:${parent}&id=${broadcast}`);
    expect((await windowAfter(source, since, window)).gone).toEqual([`C00000001:${broadcast}`]);
  });

  test('not a reply to a message from before it: that is said', async () => {
    const { source, since, before } = await workspace();
    const [reply] = await source.change(`add?stream=${THREAD}:${threadOf(before)}`);
    const recent = source.clock.now() - DAY_MS;
    const { come } = await windowAfter(source, recent, before);
    expect(come).toEqual([]);
    expect(messages.start({ since: recent, now: source.clock.now(), externalId: '' }).coverage).toContain(
      'Slack finds messages by the time of writing: edits, deletions and replies that concern messages from before this window are not covered.',
    );
    expect((await windowAfter(source, since, before)).come).toEqual([`C00000001:${reply}`]);
    // A webhook names it, so it can be looked up.
    const found = await source.lookup(messages, `C00000001:${reply}`);
    expect(found?.records.map(({ scope }) => scope)).toEqual([`C00000001:${threadOf(before)}`]);
  });

  test('15 messages a page in the mode for apps outside the Marketplace, and all of them', async () => {
    const { source, since, before } = await workspace({ records: 200 });
    const restricted = await mockSource(slack, { records: 200, slackNonMarketplace: true });
    const { pages, ids } = await restricted.read(messages, since);
    expect(new Set(ids)).toEqual(new Set(before.ids));
    const sentences = new Set(pages.flatMap(({ coverage = [] }) => coverage));
    expect([...sentences]).toEqual([expect.stringContaining('15 messages at once although 200')]);
    expect((await source.read(messages)).pages.flatMap(({ coverage = [] }) => coverage)).toEqual([]);
  });
});

test('every column of messages has something in some message', async () => {
  const { source } = await workspace();
  await source.change('touch?stream=messages&count=3');
  await source.change('add?stream=broadcasts');
  const { pages } = await source.read(messages);
  const rows = pages.flatMap(({ records }) => records.map(({ data }) => data));
  const empty = Object.entries(messages.columns).filter(
    ([, path]) => !rows.some((row) => dottedValue(row, path) !== undefined),
  );
  expect(empty).toEqual([]);
});

test('a deleted message is not found by its id', async () => {
  const { source, before } = await workspace();
  const id = before.ids.find((one) => one.startsWith('C00000002:')) ?? '';
  expect((await source.lookup(messages, id))?.records.map((record) => record.id)).toEqual([id]);
  await source.change(`delete?stream=messages:C00000002&id=${id.split(':')[1]}`);
  expect(await source.lookup(messages, id)).toBeUndefined();
});

test('members come and go with the list', async () => {
  const source = await mockSource(slack, { records: 300 });
  const before = await source.read(members);
  const [added] = await source.change('add?stream=members:C00000002');
  const [removed] = await source.change('delete?stream=members:C00000002&id=U00000002');
  const now = await source.read(members);
  expect(before.ids.filter((id) => !now.ids.includes(id))).toEqual([`C00000002:${removed}`]);
  expect(now.ids.filter((id) => !before.ids.includes(id))).toEqual([`C00000002:${added}`]);
});

test('a person who left stays in the list as deleted', async () => {
  const source = await mockSource(slack);
  await source.change('delete?stream=users&id=U00000003');
  const { pages } = await source.read(users);
  const left = pages.flatMap(({ records }) => records).find(({ id }) => id === 'U00000003');
  expect(left).toMatchObject({ deleted: true, data: { deleted: true } });
  expect((await source.lookup(users, 'U00000003'))?.records[0]).toEqual(left);
  expect(await source.lookup(users, 'U09999999')).toBeUndefined();
});

/** The newest message of the first channel that has replies. */
function threadOf({ pages }: Pulled): string {
  const parents = pages
    .flatMap(({ records }) => records)
    .filter(({ id, data }) => {
      return id.startsWith('C00000001:') && (data as { reply_count?: number }).reply_count === 2;
    });
  return parents[0]?.id.split(':')[1] ?? '';
}

function recordOf({ pages }: Pulled, id: string) {
  return pages.flatMap(({ records }) => records).find((record) => record.id === id);
}

function scopeOf(pulled: Pulled, id: string): string | undefined {
  return recordOf(pulled, id)?.scope;
}
