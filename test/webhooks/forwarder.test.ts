import { expect, test } from 'vitest';
import { createAlarm } from '../../src/alarm.ts';
import { LwiError } from '../../src/errors.ts';
import type { ForwardEnd } from '../../src/store/forwards.ts';
import type { NewEvent } from '../../src/store/inbox.ts';
import { nextWait, RETRY_FOR_MS } from '../../src/webhooks/forward-schedule.ts';
import { type Forwarding, forwardEvents } from '../../src/webhooks/forwarder.ts';
import type { OutgoingRequest, SendEnd } from '../../src/webhooks/request-sender.ts';
import { database } from '../http/support.ts';
import { START, virtualClock } from '../support/virtual-clock.ts';

const TARGET = 'http://127.0.0.1:3000/';
const OK: SendEnd = { status: 200, tookMs: 5 };
const REFUSED: SendEnd = { tookMs: 1, error: 'connection refused' };
const MINUTE = 60_000;

function sample(key: string, change: Partial<NewEvent> = {}): NewEvent {
  const plain = { account: 'a', provider: 'acme', type: 'changed', method: 'POST', path: '/', headers: [] };
  return { ...plain, body: new Uint8Array(), receivedAt: START, kept: true, forwardTo: [TARGET], key, ...change };
}

type Answer = (request: OutgoingRequest, id: string, signal: AbortSignal) => SendEnd | Promise<SendEnd>;

/** Forwarding on a clock that the test moves; `answer` is the target. */
function forwarding(answer: Answer, change: Partial<Forwarding> = {}) {
  const clock = virtualClock();
  const open = database(clock.now);
  const store = open();
  const stop = new AbortController();
  const alarm = createAlarm(clock);
  const sent: string[] = [];
  const told: string[] = [];
  const troubles: string[] = [];
  const header = (request: OutgoingRequest, name: string) => request.headers.find(([each]) => each === name)?.[1] ?? '';
  const work: Forwarding = {
    ...{ forwards: store, clock, random: () => 0.5, signal: stop.signal, alarm, target: TARGET },
    ...{ concurrency: 3, retryForMs: 24 * 60 * MINUTE },
    sender: {
      send: async (request, signal) => {
        const id = header(request, 'X-Lwi-Event-Id');
        sent.push(`${id} ${header(request, 'X-Lwi-Attempt')} +${(clock.now() - START) / 1000}`);
        return answer(request, id, signal);
      },
    },
    told: ({ key }, end: ForwardEnd) => void told.push(`${key} ${end.state}`),
    toldTarget: (state, pauseMs) => void told.push(`target ${state} ${pauseMs}`),
    toldHeld: () => void told.push('held'),
    trouble: ({ code }) => void troubles.push(code),
    ...change,
  };
  const start = () => {
    const running = forwardEvents(work);
    running.catch(() => {});
    return running;
  };
  const standings = async () =>
    (await store.events({ order: 'oldest', limit: 100 })).map(({ key, standing }) => `${key} ${standing}`);
  /** Lets everything happen that needs no time. */
  const settle = async () => {
    for (let turn = 0; turn < 10; turn++) await clock.advance(0);
  };
  return { clock, open, store, stop, alarm, sent, told, troubles, work, start, standings, settle };
}

test('an event goes out as it came, with its id and attempt in place of what the sender wrote there', async () => {
  const requests: OutgoingRequest[] = [];
  const { store, start, settle, standings } = forwarding((request) => {
    requests.push(request);
    return OK;
  });
  const headers = [
    ['X-Sig', 'a'],
    ['x-sig', 'ü'],
    ['x-lwi-event-id', 'forged'],
  ] as const;
  const body = Uint8Array.from([0, 255, 13, 10]);
  await store.acceptEvents([sample('Ev 1\n', { headers, body, method: 'PUT' })]);
  start();
  await settle();
  expect(requests).toEqual([
    {
      ...{ url: TARGET, method: 'PUT', body },
      headers: [...headers.slice(0, 2), ['X-Lwi-Event-Id', 'Ev%201%0A'], ['X-Lwi-Attempt', '1']],
    },
  ]);
  expect(await standings()).toEqual(['Ev 1\n delivered']);
});

test('a failed event is tried again later and later, until its time is over; then it has failed', async () => {
  const { store, start, clock, sent, standings } = forwarding(() => ({ status: 404, tookMs: 0 }), {
    retryForMs: 40_000,
  });
  await store.acceptEvents([sample('one')]);
  start();
  await clock.advance(10 * MINUTE);
  expect(sent).toEqual(['one 1 +0', 'one 2 +1', 'one 3 +6', 'one 4 +36']);
  expect(await standings()).toEqual(['one failed']);
  const [listed] = await store.events({ order: 'oldest', limit: 1 });
  expect(listed?.forwards).toMatchObject([{ state: 'failed', attempts: 4, lastError: 'answered 404' }]);
});

test('attempts go on for a day when nobody says otherwise, at most an hour apart', () => {
  const waits: number[] = [];
  let ageMs = 0;
  for (let attempt = 1; ; attempt++) {
    const wait = nextWait({ attempt, ageMs, retryForMs: RETRY_FOR_MS }, 0.5);
    if (wait === undefined) break;
    ageMs += wait;
    waits.push(wait);
  }
  expect(waits.slice(0, 7)).toEqual([1_000, 5_000, 30_000, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, 60 * MINUTE]);
  expect(Math.max(...waits)).toBe(60 * MINUTE);
  expect(ageMs).toBeGreaterThan(22 * 60 * MINUTE);
  expect(ageMs).toBeLessThanOrEqual(RETRY_FOR_MS);
});

test('neither restarts, each of which costs an attempt, nor days of waiting before the first one cut that short', () => {
  const retryForMs = RETRY_FOR_MS;
  expect(nextWait({ attempt: 500, ageMs: 10 * MINUTE, retryForMs }, 0.5)).toBe(60 * MINUTE);
  expect(nextWait({ attempt: 500, ageMs: RETRY_FOR_MS, retryForMs }, 0.5)).toBeUndefined();
  expect(nextWait({ attempt: 1, ageMs: 7 * RETRY_FOR_MS, retryForMs }, 0.5)).toBe(1000);
  expect(nextWait({ attempt: 1, ageMs: 0, retryForMs: 0 }, 0.5)).toBeUndefined();
});

test.each([...[[0, 900]], ...[[0.999_999, 1_100]]])(
  'waits are spread by a tenth: chance %d makes %d ms of a second',
  (random, wait) => {
    const failed = { attempt: 1, ageMs: 0, retryForMs: RETRY_FOR_MS };
    expect(nextWait(failed, random)).toBe(wait);
    expect(nextWait({ ...failed, askedMs: 5000 }, random)).toBe(5000);
  },
);

test('gone means that the target wants no more of it', async () => {
  const { store, start, settle, standings } = forwarding(() => ({ status: 410, tookMs: 0 }));
  await store.acceptEvents([sample('one')]);
  start();
  await settle();
  expect(await standings()).toEqual(['one failed']);
});

test('what HTTP cannot carry has failed at once, and says nothing of the target', async () => {
  const { store, start, settle, standings, told } = forwarding(() => ({
    tookMs: 0,
    error: 'not sent',
    unsendable: true,
  }));
  const keys = Array.from({ length: 8 }, (_, n) => `e${n}`);
  await store.acceptEvents(keys.map((key) => sample(key)));
  start();
  for (let turn = 0; turn < 5; turn++) await settle();
  expect(await standings()).toEqual(keys.map((key) => `${key} failed`));
  expect(told.filter((line) => line.startsWith('target'))).toEqual([]);
});

test('what the target asks for in Retry-After is waited for', async () => {
  const answers: SendEnd[] = [{ status: 503, tookMs: 0, retryAfterMs: 20_000 }, OK];
  const { store, start, clock, sent, settle } = forwarding(() => answers.shift() ?? OK);
  await store.acceptEvents([sample('one')]);
  start();
  await settle();
  await clock.advance(MINUTE);
  expect(sent).toEqual(['one 1 +0', 'one 2 +20']);
});

test('as many at once as are allowed, and no more', async () => {
  const gates: (() => void)[] = [];
  const { store, start, settle, standings } = forwarding(() => new Promise((resolve) => gates.push(() => resolve(OK))));
  await store.acceptEvents(['a', 'b', 'c', 'd', 'e'].map((key) => sample(key)));
  start();
  await settle();
  expect(gates).toHaveLength(3);
  gates[0]?.();
  await settle();
  expect(gates).toHaveLength(4);
  for (const open of gates) open();
  await settle();
  for (const open of gates) open();
  await settle();
  expect(await standings()).toEqual(['a', 'b', 'c', 'd', 'e'].map((key) => `${key} delivered`));
});

test('a target that is down gets a probe now and then, the others wait without losing attempts, and all go when it is up', async () => {
  let up = false;
  const { store, start, clock, sent, told, standings } = forwarding(() => (up ? OK : REFUSED));
  const keys = Array.from({ length: 20 }, (_, n) => `e${String(n).padStart(2, '0')}`);
  await store.acceptEvents(keys.map((key) => sample(key)));
  start();
  await clock.advance(3 * MINUTE);
  const [down] = told.filter((line) => line.startsWith('target'));
  expect(down).toBe('target down 1000');
  // 6 before it was taken to be down, then after 1, 2, 4, 8, 16, 30, 30, … s.
  expect(sent.length).toBeLessThan(18);
  up = true;
  await clock.advance(31_000);
  expect(told).toContain('target up 0');
  expect(await standings()).toEqual(keys.map((key) => `${key} delivered`));
  expect(Math.max(...sent.map((line) => Number(line.split(' ')[1])))).toBeLessThan(9);
});

test('one event that the target cannot take does not hold up the others', async () => {
  const { store, start, clock, standings, told } = forwarding((_, id) =>
    id === 'bad' ? { status: 500, tookMs: 0 } : OK,
  );
  await store.acceptEvents([sample('bad'), ...Array.from({ length: 10 }, (_, n) => sample(`e${n}`))]);
  start();
  await clock.advance(2 * MINUTE);
  expect((await standings()).filter((line) => !line.endsWith('delivered'))).toEqual(['bad delivering']);
  expect(told.filter((line) => line.startsWith('target'))).toEqual([]);
});

test('of two processes one sends, and the other says so', async () => {
  const first = forwarding(() => new Promise(() => {}));
  await first.store.acceptEvents([sample('one')]);
  first.start();
  await first.settle();
  const second = {
    ...first.work,
    forwards: first.open(),
    told: () => {},
    toldHeld: () => void first.told.push('held'),
  };
  const running = forwardEvents({ ...second, sender: { send: async () => OK } });
  running.catch(() => {});
  await first.clock.advance(2000);
  expect(first.told).toEqual(['held']);
  expect(first.sent).toEqual(['one 1 +0']);
});

test('a stop lets attempts under way end, for a moment; what has no answer by then waits, at once due', async () => {
  const gate = Promise.withResolvers<SendEnd>();
  const { store, start, stop, clock, settle, standings, told } = forwarding((_, id, signal) => {
    if (id === 'slow') return gate.promise;
    return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  });
  await store.acceptEvents([sample('slow'), sample('stuck')]);
  const running = start();
  await settle();
  stop.abort(new LwiError('TERMINATED', 'stopped'));
  await settle();
  gate.resolve(OK);
  await settle();
  await clock.advance(2000);
  await expect(running).rejects.toThrow('stopped');
  expect(told).toEqual(['slow delivered', 'stuck received']);
  expect(await standings()).toEqual(['slow delivered', 'stuck delivering']);
  expect(await store.nextForwardAt(TARGET)).toBeLessThanOrEqual(clock.now());
});

test('a locked store is waited for, also with the answer of an attempt in hand; a damaged one ends the work', async () => {
  let locked = 2;
  const { store, start, clock, troubles, standings, work } = forwarding(() => OK);
  const finishForwards: typeof store.finishForwards = async (ends) => {
    if (locked-- > 0) throw new LwiError('STORE_LOCKED', 'locked');
    return store.finishForwards(ends);
  };
  await store.acceptEvents([sample('one')]);
  start();
  await clock.advance(0);
  const again = forwardEvents({ ...work, target: 'http://127.0.0.1:4000/', forwards: { ...store, finishForwards } });
  again.catch(() => {});
  await store.acceptEvents([sample('two', { forwardTo: ['http://127.0.0.1:4000/'] })]);
  await clock.advance(20_000);
  expect(troubles).toEqual(['STORE_LOCKED', 'STORE_LOCKED']);
  expect(await standings()).toEqual(['one delivered', 'two delivered']);
  const takeForwards = async () => {
    throw new LwiError('STORE_DAMAGED', 'damaged');
  };
  const broken = forwardEvents({ ...work, target: 'http://127.0.0.1:5000/', forwards: { ...store, takeForwards } });
  await expect(broken).rejects.toThrow('damaged');
});

test('who has lost the right to a target sends nothing new, ends what is under way, and goes on once it has it again', async () => {
  let answer = (_: SendEnd) => {};
  const run = forwarding(() => new Promise<SendEnd>((resolve) => (answer = resolve)), { concurrency: 1 });
  const { clock, store, start, settle, sent, told, work } = run;
  const rights: { held: boolean }[] = [];
  Object.assign(work, {
    forwards: {
      ...store,
      holdTarget: async () => {
        const right = { held: true };
        rights.push(right);
        return { held: () => right.held, release: async () => {} };
      },
    },
  });
  await store.acceptEvents([sample('one'), sample('two')]);
  start();
  await settle();
  for (const right of rights) right.held = false;
  await clock.advance(5000);
  expect([sent.length, rights.length]).toEqual([1, 1]);
  answer(OK);
  await settle();
  await clock.advance(1000);
  expect([told, rights.length]).toEqual([['one delivered'], 2]);
  expect(sent.map((line) => line.split(' ')[0])).toEqual(['one', 'two']);
});
