import { expect, test } from 'vitest';
import { inboxHealth } from '../../commands/shared/inbox-health.ts';
import { storeTrouble } from '../../commands/shared/store-trouble.ts';
import { LwiError } from '../../src/errors.ts';
import type { Terminal } from '../../src/terminal.ts';
import { virtualClock } from '../support/virtual-clock.ts';

const AWAY = new LwiError('STORE_AWAY', 'postgres://db/x: the database does not answer (ECONNREFUSED)');

/** A process whose store takes events or throws; what it says, and what its health is. */
function watched({ json = false } = {}) {
  const clock = virtualClock();
  const lines: string[] = [];
  const say = (line: string) => void lines.push(line);
  const store: { takes: LwiError | undefined; asked: number } = { takes: undefined, asked: 0 };
  const health = inboxHealth();
  const acceptEvents = async () => {
    store.asked += 1;
    if (store.takes) throw store.takes;
    return [];
  };
  return {
    ...{ clock, lines, store },
    ...storeTrouble({ terminal: { json, warn: say, info: say, say } as unknown as Terminal, clock }, health),
    reasons: async () => (await health.state({ inboxCounts: async () => [], acceptEvents }, clock.now())).reasons,
  };
}

test('trouble with the store is over with the next thing that is stored', async () => {
  const { toldTrouble, well, reasons } = watched();
  for (const code of ['STORE_AWAY', 'STORE_FULL'] as const) {
    toldTrouble(new LwiError(code, 'Not now.'));
    expect(await reasons()).toEqual([`store: ${code}`]);
    well();
    expect(await reasons()).toEqual([]);
  }
});

test('where nothing comes, a database that would store again is seen after some seconds; one that only reads is not enough', async () => {
  const { toldTrouble, reasons, clock, store } = watched();
  toldTrouble(AWAY);
  clock.jump(5000);
  expect([await reasons(), store.asked]).toEqual([['store: STORE_AWAY'], 0]);
  clock.jump(1000);
  store.takes = AWAY;
  expect([await reasons(), store.asked]).toEqual([['store: STORE_AWAY'], 1]);
  store.takes = undefined;
  expect(await reasons()).toEqual([]);
  toldTrouble(new LwiError('STORE_FULL', 'No room.'));
  clock.jump(10_000);
  expect(await reasons()).toEqual(['store: STORE_FULL']);
});

test('an absence is told once, as something that needs no other run, and so is its end', () => {
  const { trouble, toldTrouble, well, lines } = watched();
  well();
  trouble(AWAY);
  trouble(AWAY);
  well();
  well();
  toldTrouble(AWAY);
  well();
  trouble(new LwiError('STORE_LOCKED', 'It is held.'));
  well();
  expect(lines).toEqual([
    `${AWAY.message}. Start the database, or check the network to it: this goes on by itself then.`,
    'the database answers again',
    'the database answers again',
  ]);
});

test('under --json its end is a line of JSON', () => {
  const { toldTrouble, well, lines } = watched({ json: true });
  toldTrouble(AWAY);
  well();
  expect(lines).toEqual(['{"note":"the database answers again"}']);
});
