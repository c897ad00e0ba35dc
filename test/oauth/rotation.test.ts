import { describe, expect, it } from 'vitest';
import { openRefreshToken } from '../../src/oauth/sealed-token.ts';
import { type Prepare, TokenManager } from '../../src/oauth/token-manager.ts';
import type { Store } from '../../src/store/store.ts';
import { failureOf, KEY } from '../http/support.ts';
import { DUE_MS, HOUR_MS, prepared, SIGNAL, setup, trouble } from './managers.ts';
import { fixedVault, rowOf } from './support.ts';

/** A manager with another way to make ready, or a store that fails in some calls. */
async function rotation() {
  const parts = await setup();
  const { clock, store, provider } = parts;
  const warnings: string[] = [];
  const manager = (change: { prepare?: Prepare; store?: Partial<Store> } = {}) =>
    new TokenManager({
      ...{ store: { ...store, ...change.store }, vault: fixedVault(store), clock, owner: '1@here' },
      prepare: change.prepare ?? prepared(provider),
      warn: (message) => warnings.push(message),
    });
  return { ...parts, warnings, manager };
}

describe('before a token is spent', () => {
  it('everything else is ready: settings or an app that are missing leave no note and ask nobody', async () => {
    const { clock, store, spent, manager } = await rotation();
    clock.jump(HOUR_MS);
    const prepare: Prepare = () => Promise.reject(trouble('CREDENTIALS_MISSING'));
    expect(await failureOf(clock.until(manager({ prepare }).refresh(KEY, SIGNAL)))).toMatchObject({
      code: 'CREDENTIALS_MISSING',
    });
    expect([spent, (await rowOf(store)).rotation]).toEqual([[], undefined]);
  });

  it('the note is written after everything is ready, so that it means what it says', async () => {
    const { clock, store, manager, provider } = await rotation();
    clock.jump(HOUR_MS);
    const notes: unknown[] = [];
    const prepare: Prepare = async (...input) => {
      notes.push((await rowOf(store)).rotation);
      const spend = await prepared(provider)(...input);
      return async () => {
        notes.push((await rowOf(store)).rotation?.owner);
        return spend();
      };
    };
    await clock.until(manager({ prepare }).refresh(KEY, SIGNAL));
    expect(notes).toEqual([undefined, '1@here']);
  });

  it('the lease is asked for once more: a process that slept until it was lost sends nothing', async () => {
    const { clock, open, spent, manager, provider } = await rotation();
    clock.jump(HOUR_MS);
    const other = open();
    const prepare: Prepare = async (...input) => {
      // Stopped for a minute, as by Ctrl-Z: no heartbeat, and another process takes over.
      clock.jump(60_000);
      await other.acquireLease('refresh:acme/quickbooks', 'another', 15_000);
      return prepared(provider)(...input);
    };
    const error = await failureOf(manager({ prepare }).refresh(KEY, SIGNAL));
    expect(error).toMatchObject({ code: 'LEASE_BUSY', exitCode: 5, retryable: true, facts: { retryAfterMs: 1000 } });
    expect(spent).toEqual([]);
    // What the other one holds is not given back by the one that lost it.
    expect(await other.acquireLease('refresh:acme/quickbooks', 'third', 15_000)).toMatchObject({ owner: 'another' });
  });
});

describe('the note of a refresh that was killed', () => {
  it.each([
    [
      'settings that are missing',
      (error: Error): Prepare =>
        () =>
          Promise.reject(error),
      'CREDENTIALS_MISSING',
    ],
    ['a network that is down', (error: Error): Prepare => prepared(() => Promise.reject(error)), 'NETWORK'],
    ['an open circuit', (error: Error): Prepare => prepared(() => Promise.reject(error)), 'CIRCUIT_OPEN'],
  ] as const)('outlives %s, and explains the refusal that comes after', async (_name, prepareWith, code) => {
    const { clock, store, manager } = await rotation();
    clock.jump(HOUR_MS);
    const killed = { startedAt: clock.now(), owner: '9@there' };
    await store.beginRotation(KEY, 1, killed);
    clock.jump(HOUR_MS);
    const prepare = prepareWith(trouble(code, { unsent: true }));
    expect(await failureOf(clock.until(manager({ prepare }).refresh(KEY, SIGNAL)))).toMatchObject({ code });
    expect((await rowOf(store)).rotation).toEqual(killed);
    const refused = prepared(() => Promise.reject(trouble('GRANT_REJECTED')));
    expect(await failureOf(clock.until(manager({ prepare: refused }).refresh(KEY, SIGNAL)))).toMatchObject({
      code: 'RECONNECT_REQUIRED',
      message: expect.stringContaining('the refresh that 9@there began at'),
    });
  });
});

describe('a request that is sent again', () => {
  it('asks for the lease first: after a wait in which it was lost, the token is spent by the other one alone', async () => {
    const { clock, open, store, manager, provider } = await rotation();
    clock.jump(HOUR_MS);
    const other = open();
    const theirs = { startedAt: clock.now() + 60_000, owner: 'another' };
    let repeated = false;
    const prepare: Prepare = async (row, token, signal, repeats) => async () => {
      // The wait after a 429, in which the process was stopped for a minute.
      clock.jump(60_000);
      await other.acquireLease('refresh:acme/quickbooks', 'another', 15_000);
      await other.beginRotation(KEY, row.generation, theirs);
      await repeats.beforeRepeat();
      repeated = true;
      return provider(row, token, signal);
    };
    expect(await failureOf(clock.until(manager({ prepare }).refresh(KEY, SIGNAL)))).toMatchObject({
      code: 'LEASE_BUSY',
    });
    expect([repeated, (await rowOf(store)).rotation]).toEqual([false, theirs]);
  });

  it('heeds a stop while it waits, and then the token is known to be unspent', async () => {
    const { clock, store, manager } = await rotation();
    clock.jump(HOUR_MS);
    const stop = new AbortController();
    const prepare: Prepare =
      async (_row, _token, signal, { patience }) =>
      async () => {
        expect(signal.aborted).toBe(false);
        stop.abort(trouble('TERMINATED'));
        throw patience.reason;
      };
    expect(await failureOf(clock.until(manager({ prepare }).refresh(KEY, stop.signal)))).toMatchObject({
      code: 'TERMINATED',
    });
    expect((await rowOf(store)).rotation).toBeUndefined();
  });
});

describe('a new token that cannot be stored', () => {
  const full = trouble('STORE_FULL');

  it('is held and tried again, and the person is told once: room that is made in time saves it', async () => {
    const { clock, store, vault, spent, warnings, manager } = await rotation();
    clock.jump(HOUR_MS);
    let refusals = 20;
    const replaceToken: Store['replaceToken'] = async (...input) => {
      if (refusals-- > 0) throw full;
      return store.replaceToken(...input);
    };
    const { outcome, row } = await clock.until(manager({ store: { replaceToken } }).refresh(KEY, SIGNAL));
    expect([outcome, (await openRefreshToken(vault, row))?.reveal(), spent]).toEqual([
      'refreshed',
      'refresh-2',
      ['refresh-1'],
    ]);
    expect(warnings).toEqual([
      'The new token of acme/quickbooks cannot be stored (trouble). Trying for 30 s; after that the connection may be lost.',
    ]);
  });

  it('is given up after 30 s with code 7, is never handed out, and leaves the note for the next run', async () => {
    const { clock, store, spent, manager } = await rotation();
    clock.jump(DUE_MS);
    const tokens = manager({ store: { replaceToken: () => Promise.reject(full) } });
    const began = clock.now();
    expect(await failureOf(clock.until(tokens.bearer(KEY, SIGNAL)))).toMatchObject({ code: 'STORE_FULL', exitCode: 7 });
    expect(clock.now() - began).toBeGreaterThanOrEqual(30_000);
    expect(clock.now() - began).toBeLessThan(32_000);
    expect([spent, (await rowOf(store)).rotation?.owner]).toEqual([['refresh-1'], '1@here']);
  });

  it('is a refusal all the same when even that cannot be noted', async () => {
    const { clock, manager } = await rotation();
    clock.jump(HOUR_MS);
    const refused = prepared(() => Promise.reject(trouble('GRANT_REJECTED')));
    const failRotation = () => Promise.reject(full);
    const tokens = manager({ prepare: refused, store: { failRotation } });
    expect(await failureOf(tokens.refresh(KEY, SIGNAL))).toMatchObject({ code: 'RECONNECT_REQUIRED' });
  });

  it('nor does a lease that cannot be given back hide that it was stored', async () => {
    const { clock, manager } = await rotation();
    clock.jump(HOUR_MS);
    const tokens = manager({ store: { releaseLease: () => Promise.reject(full) } });
    expect(await clock.until(tokens.refresh(KEY, SIGNAL))).toMatchObject({ outcome: 'refreshed' });
  });
});

describe('a clock that is set', () => {
  it('back by a day makes one refresh, because the age of the token is unknown then, and no more', async () => {
    const { clock, manager, spent } = await rotation();
    clock.jump(-24 * HOUR_MS);
    const outcomes = [];
    for (let i = 0; i < 3; i++) outcomes.push((await clock.until(manager().refresh(KEY, SIGNAL))).outcome);
    expect([outcomes, spent]).toEqual([['refreshed', 'fresh', 'fresh'], ['refresh-1']]);
  });

  it('forwards by a day, and right again later, makes one refresh each time', async () => {
    const { clock, manager, spent } = await rotation();
    const outcomes = [];
    for (const jump of [24 * HOUR_MS, 0, -24 * HOUR_MS, 0]) {
      clock.jump(jump);
      outcomes.push((await clock.until(manager().refresh(KEY, SIGNAL))).outcome);
    }
    expect(outcomes).toEqual(['refreshed', 'fresh', 'refreshed', 'fresh']);
    expect(spent).toEqual(['refresh-1', 'refresh-2']);
  });
});
