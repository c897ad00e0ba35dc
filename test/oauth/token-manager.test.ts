import { describe, expect, it } from 'vitest';
import { openRefreshToken } from '../../src/oauth/sealed-token.ts';
import { TokenManager } from '../../src/oauth/token-manager.ts';
import { Secret } from '../../src/secret.ts';
import type { Store } from '../../src/store/store.ts';
import { failureOf, KEY } from '../http/support.ts';
import { START, settled } from '../support/virtual-clock.ts';
import { DUE_MS, failing, HOUR_MS, prepared, type Renew, SIGNAL, setup, trouble } from './managers.ts';
import { connected, fixedVault, rowOf, tokenSet } from './support.ts';

describe('a token', () => {
  it('is used as it is until it is due', async () => {
    const { clock, manager, bearer, spent } = await setup();
    clock.jump(DUE_MS - 1);
    expect(await bearer(manager())).toEqual(['access-1', 1]);
    expect(spent).toEqual([]);
  });

  it('is refreshed first when it is due, and the new one stored before it is used', async () => {
    const { clock, store, vault, manager, bearer, spent } = await setup();
    clock.jump(DUE_MS);
    expect(await bearer(manager())).toEqual(['access-2', 2]);
    const row = await rowOf(store);
    expect([spent, (await openRefreshToken(vault, row))?.reveal()]).toEqual([['refresh-1'], 'refresh-2']);
    expect(row).toMatchObject({
      refreshCount: 1,
      lastRefresh: { outcome: 'refreshed', failures: 0 },
      rotation: undefined,
    });
  });

  it('asks one predicate before the lease and again under it: at 80 % it refreshes, although more than 5 minutes are left', async () => {
    const { clock, manager, spent } = await setup();
    clock.jump(DUE_MS);
    const { outcome } = await clock.until(manager().refresh(KEY, SIGNAL));
    expect([outcome, spent.length]).toEqual(['refreshed', 1]);
    expect((await manager().refresh(KEY, SIGNAL)).outcome).toBe('fresh');
  });

  it('that another process renewed or replaced is seen at once: no cached token outlives it', async () => {
    const { store, vault, open, manager, bearer } = await setup();
    const here = manager();
    const there = manager(undefined, open());
    expect(await bearer(here)).toEqual(['access-1', 1]);
    await connected(store, vault, tokenSet({ accessToken: new Secret('access-new') }));
    expect([await bearer(here), await bearer(there)]).toEqual([
      ['access-new', 2],
      ['access-new', 2],
    ]);
  });

  it('keeps refresh token, scopes and expiries that the answer leaves out', async () => {
    const life = { refreshExpiresAt: START + 9 * HOUR_MS, refreshHardExpiresAt: START + 99 * HOUR_MS };
    const { clock, store, vault, manager, next } = await setup(life);
    clock.jump(DUE_MS);
    const sparse: Renew = async () => ({ ...next(), refreshToken: undefined, scopes: [] });
    await clock.until(manager(sparse).refresh(KEY, SIGNAL));
    const row = await rowOf(store);
    expect([(await openRefreshToken(vault, row))?.reveal(), row.token.scopes]).toEqual(['refresh-1', ['read']]);
    expect(row.token).toMatchObject(life);
  });

  it('forgets the expiry of a refresh token that was replaced by one without', async () => {
    const { clock, store, manager } = await setup({ refreshExpiresAt: START + 9 * HOUR_MS });
    clock.jump(DUE_MS);
    await clock.until(manager().refresh(KEY, SIGNAL));
    expect((await rowOf(store)).token.refreshExpiresAt).toBeUndefined();
  });
});

describe('many callers of one token', () => {
  it('in one process share one refresh', async () => {
    const { clock, manager, spent } = await setup();
    clock.jump(DUE_MS);
    const tokens = manager();
    const results = await clock.until(Promise.all(Array.from({ length: 20 }, () => tokens.refresh(KEY, SIGNAL))));
    expect(results.map(({ outcome }) => outcome).sort()).toEqual([...Array(19).fill('joined'), 'refreshed']);
    expect([spent, new Set(results.map(({ row }) => row.generation))]).toEqual([['refresh-1'], new Set([2])]);
  });

  it('in several processes make one refresh for all processes; the others re-read and join', async () => {
    const { clock, open, manager, spent } = await setup();
    clock.jump(HOUR_MS);
    const processes = Array.from({ length: 8 }, () => manager(undefined, open()));
    const results = await clock.until(Promise.all(processes.map((tokens) => tokens.refresh(KEY, SIGNAL))));
    expect(results.map(({ outcome }) => outcome).sort()).toEqual([...Array(7).fill('joined'), 'refreshed']);
    expect([spent, new Set(results.map(({ row }) => row.generation))]).toEqual([['refresh-1'], new Set([2])]);
  });

  it('get by without a holder that died: its lease runs out', async () => {
    const { clock, store, manager, bearer, spent } = await setup();
    clock.jump(HOUR_MS);
    await store.acquireLease('refresh:acme/quickbooks', 'dead', 15_000);
    expect(await bearer(manager())).toEqual(['access-2', 2]);
    expect(spent).toEqual(['refresh-1']);
  });

  it('are not stopped by the one that was while it waited for the lease: they go on by themselves', async () => {
    const { clock, store, manager } = await setup();
    clock.jump(HOUR_MS);
    await store.acquireLease('refresh:acme/quickbooks', 'dead', 15_000);
    const person = new AbortController();
    const tokens = manager();
    const first = failureOf(tokens.refresh(KEY, person.signal));
    const second = tokens.refresh(KEY, SIGNAL);
    await clock.advance(100);
    person.abort(trouble('INTERRUPTED'));
    expect(await first).toMatchObject({ code: 'INTERRUPTED' });
    expect((await clock.until(second)).outcome).toBe('refreshed');
  });

  it('a stop does not throw away the answer to a token that is being spent: it is stored, then the stop is heeded', async () => {
    const { clock, store, manager, spent, next } = await setup();
    clock.jump(HOUR_MS);
    const person = new AbortController();
    const slow: Renew = async (_row, refreshToken, signal) => {
      spent.push(refreshToken?.reveal());
      await clock.sleep(800, signal);
      return next();
    };
    const refresh = failureOf(manager(slow).refresh(KEY, person.signal));
    await clock.advance(100);
    person.abort(trouble('INTERRUPTED'));
    expect(await clock.until(refresh)).toMatchObject({ code: 'INTERRUPTED' });
    expect(spent).toEqual(['refresh-1']);
    expect(await rowOf(store)).toMatchObject({ generation: 2, rotation: undefined });
  });

  it('marks the connection when the provider ends the grant, but not one that has a newer token', async () => {
    const { store, manager } = await setup();
    await manager().ended(KEY, 2, 'token_revoked');
    expect((await rowOf(store)).state).toBe('active');
    await manager().ended(KEY, 1, 'token_revoked');
    expect(await rowOf(store)).toMatchObject({ state: 'reconnect', stateReason: 'token_revoked' });
  });

  it('see the failure of the one that tried for all', async () => {
    const { clock, manager } = await setup();
    clock.jump(HOUR_MS);
    let tries = 0;
    const renew: Renew = async () => {
      tries += 1;
      await clock.sleep(10);
      throw trouble('SERVER_ERROR');
    };
    const tokens = manager(renew);
    const both = Promise.all([failureOf(tokens.bearer(KEY, SIGNAL)), failureOf(tokens.bearer(KEY, SIGNAL))]);
    expect(await clock.until(both)).toMatchObject([{ code: 'SERVER_ERROR' }, { code: 'SERVER_ERROR' }]);
    expect(tries).toBe(1);
  });
});

describe('a forced refresh after a 401', () => {
  it('renews a token that is not due', async () => {
    const { clock, manager, spent } = await setup();
    const { token, generation } = await clock.until(manager().renewedBearer(KEY, 1, SIGNAL));
    expect([token.reveal(), generation, spent]).toEqual(['access-2', 2, ['refresh-1']]);
  });

  it('takes the newer one when somebody renewed it meanwhile', async () => {
    const { clock, open, manager, spent } = await setup();
    await clock.until(manager(undefined, open()).renewedBearer(KEY, 1, SIGNAL));
    const { token } = await clock.until(manager().renewedBearer(KEY, 1, SIGNAL));
    expect([token.reveal(), spent.length]).toEqual(['access-2', 1]);
  });

  it('renews once for all processes that got the same 401', async () => {
    const { clock, open, manager, spent } = await setup();
    const processes = Array.from({ length: 4 }, () => manager(undefined, open()));
    const all = await clock.until(Promise.all(processes.map((tokens) => tokens.renewedBearer(KEY, 1, SIGNAL))));
    expect([new Set(all.map(({ token }) => token.reveal())), spent.length]).toEqual([new Set(['access-2']), 1]);
  });

  it('joins a refresh under way and goes on if that was for an older token', async () => {
    const { clock, manager } = await setup();
    clock.jump(DUE_MS);
    const tokens = manager();
    const due = tokens.refresh(KEY, SIGNAL);
    const forced = tokens.refresh(KEY, SIGNAL, { olderThan: 3 });
    const [first, second] = await clock.until(Promise.all([due, forced]));
    expect([first.row.generation, second.row.generation]).toEqual([2, 3]);
  });
});

describe('trouble on the way', () => {
  it.each<[string, Error]>([
    ['a timeout', trouble('TIMEOUT')],
    ['a broken connection', trouble('NETWORK')],
    ['a server error', trouble('SERVER_ERROR')],
    ['a page of a proxy', trouble('BAD_RESPONSE')],
    ['a rate limit', trouble('RATE_LIMITED')],
    ['an open circuit', trouble('CIRCUIT_OPEN')],
    ['wrong app credentials', trouble('CLIENT_REJECTED')],
    ['a request that was wrong', trouble('PROVIDER_REFUSED')],
    ['a defect', new TypeError('x')],
  ])('%s never loses a token, and marks nothing', async (_name, error) => {
    const { clock, store, vault, manager } = await setup();
    clock.jump(HOUR_MS);
    expect(await failureOf(manager(failing(error)).bearer(KEY, SIGNAL))).toBe(error);
    const row = await rowOf(store);
    expect([row.state, row.generation, (await openRefreshToken(vault, row))?.reveal()]).toEqual([
      'active',
      1,
      'refresh-1',
    ]);
    expect(row.lastRefresh).toMatchObject({ outcome: 'failed', failures: 1 });
  });

  it('costs nothing while the token still lives: the old one goes on being used', async () => {
    const { clock, manager, bearer } = await setup();
    clock.jump(HOUR_MS - 1);
    expect(await bearer(manager(failing(trouble('TIMEOUT'))))).toEqual(['access-1', 1]);
  });

  it('leaves the token endpoint alone for 30 s, as long as the token lasts', async () => {
    const { clock, open, manager, bearer } = await setup();
    clock.jump(DUE_MS);
    let tries = 0;
    const renew: Renew = async () => {
      tries += 1;
      throw trouble('SERVER_ERROR');
    };
    for (let i = 0; i < 5; i++) await bearer(manager(renew, open()));
    expect(tries).toBe(1);
    clock.jump(30_000);
    await bearer(manager(renew));
    expect(tries).toBe(2);
    clock.jump(HOUR_MS);
    await failureOf(manager(renew).bearer(KEY, SIGNAL));
    await failureOf(manager(renew).bearer(KEY, SIGNAL));
    expect(tries).toBe(4);
  });

  it('is told to whoever asked for a refresh by name, and to nobody else', async () => {
    const { clock, manager } = await setup();
    clock.jump(DUE_MS);
    expect(await failureOf(manager(failing(trouble('SERVER_ERROR'))).refresh(KEY, SIGNAL))).toMatchObject({
      code: 'SERVER_ERROR',
    });
  });

  it('in the store is never passed over', async () => {
    const { clock, store, manager, provider } = await setup();
    clock.jump(DUE_MS);
    const full: Store = { ...store, beginRotation: () => Promise.reject(trouble('STORE_FULL')) };
    expect(await failureOf(manager(provider, full).bearer(KEY, SIGNAL))).toMatchObject({ code: 'STORE_FULL' });
  });

  it('in the store comes before the token is spent', async () => {
    const { clock, store, manager, spent } = await setup();
    clock.jump(HOUR_MS);
    const full: Store = { ...store, beginRotation: () => Promise.reject(trouble('STORE_FULL')) };
    await failureOf(manager(undefined, full).refresh(KEY, SIGNAL));
    expect(spent).toEqual([]);
  });

  it('with the key comes before the token is spent, too', async () => {
    const { clock, store, spent, provider } = await setup();
    clock.jump(HOUR_MS);
    const vault = { ...fixedVault(store), open: () => Promise.reject(trouble('KEY_WRONG')) };
    const tokens = new TokenManager({ store, vault, clock, prepare: prepared(provider), owner: 'p' });
    expect(await failureOf(tokens.refresh(KEY, SIGNAL))).toMatchObject({ code: 'KEY_WRONG' });
    expect(spent).toEqual([]);
  });
});

describe('a refused refresh token', () => {
  const refused = trouble('GRANT_REJECTED', { providerCode: 'invalid_grant' });

  it('marks the connection for reconnecting, and keeps the row', async () => {
    const { clock, store, manager } = await setup();
    clock.jump(HOUR_MS);
    const error = await failureOf(manager(failing(refused)).bearer(KEY, SIGNAL));
    expect(error).toMatchObject({
      code: 'RECONNECT_REQUIRED',
      message: 'quickbooks no longer accepts the refresh token: trouble.',
      facts: { provider: 'quickbooks', account: 'acme', providerCode: 'invalid_grant' },
    });
    expect(await rowOf(store)).toMatchObject({ state: 'reconnect', stateReason: 'trouble', generation: 1 });
  });

  it('ends it at once, although the old token would still live', async () => {
    const { clock, manager } = await setup();
    clock.jump(DUE_MS);
    expect(await failureOf(manager(failing(refused)).bearer(KEY, SIGNAL))).toMatchObject({
      code: 'RECONNECT_REQUIRED',
    });
  });

  it('is not presented again', async () => {
    const { clock, manager } = await setup();
    clock.jump(HOUR_MS);
    let tries = 0;
    const tokens = manager(async () => {
      tries += 1;
      throw refused;
    });
    await failureOf(tokens.bearer(KEY, SIGNAL));
    expect(await failureOf(tokens.bearer(KEY, SIGNAL))).toMatchObject({
      message: 'quickbooks of account acme must be connected again: trouble.',
    });
    expect(tries).toBe(1);
  });

  it('marks nothing when another process was successful meanwhile, after a re-read: its result is adopted', async () => {
    const { clock, open, store, manager } = await setup();
    clock.jump(HOUR_MS);
    const elsewhere = open();
    const late: Renew = async () => {
      // The lease was lost (a suspended machine), and the other process went ahead.
      await connected(
        elsewhere,
        fixedVault(elsewhere),
        tokenSet({ accessToken: new Secret('theirs'), issuedAt: clock.now(), expiresAt: clock.now() + HOUR_MS }),
      );
      throw refused;
    };
    const { token, generation } = await clock.until(manager(late).bearer(KEY, SIGNAL));
    expect([token.reveal(), generation, (await rowOf(store)).state]).toEqual(['theirs', 2, 'active']);
  });

  it('does not overwrite what another process stored while this one was refreshing', async () => {
    const { clock, open, store, vault, manager, next } = await setup();
    clock.jump(HOUR_MS);
    const elsewhere = open();
    const slow: Renew = async () => {
      await connected(
        elsewhere,
        vault,
        tokenSet({ accessToken: new Secret('theirs'), issuedAt: clock.now(), expiresAt: clock.now() + HOUR_MS }),
      );
      return next();
    };
    const { outcome, row } = await clock.until(manager(slow).refresh(KEY, SIGNAL));
    expect([outcome, row.generation, (await rowOf(store)).refreshCount]).toEqual(['joined', 2, 0]);
  });
});

describe('the note that a token is about to be spent', () => {
  it('is on disk before the provider is asked', async () => {
    const { clock, open, manager, next } = await setup();
    clock.jump(HOUR_MS);
    const other = open();
    let note: unknown;
    await clock.until(
      manager(async () => {
        note = (await rowOf(other)).rotation;
        return next();
      }).refresh(KEY, SIGNAL),
    );
    expect(note).toEqual({ startedAt: START + HOUR_MS, owner: 'process-1' });
  });

  it.each<[string, Error, boolean]>([
    ['stays after a timeout', trouble('TIMEOUT'), true],
    ['stays after a broken connection', trouble('NETWORK'), true],
    ['stays after an unreadable answer', trouble('BAD_RESPONSE'), true],
    ['stays after a server error', trouble('SERVER_ERROR'), true],
    ['stays after a stop in mid-flight', trouble('INTERRUPTED'), true],
    ['stays after a stop of another kind', new DOMException('stopped', 'AbortError'), true],
    ['goes when the request was never sent', trouble('NETWORK', { unsent: true }), false],
    ['goes after a rate limit', trouble('RATE_LIMITED'), false],
    ['goes after an open circuit', trouble('CIRCUIT_OPEN'), false],
    ['goes when the client was refused', trouble('CLIENT_REJECTED'), false],
  ])('%s', async (_name, error, stays) => {
    const { clock, store, manager } = await setup();
    clock.jump(HOUR_MS);
    await failureOf(manager(failing(error)).refresh(KEY, SIGNAL));
    expect((await rowOf(store)).rotation !== undefined).toBe(stays);
  });

  it('survives a crash and explains a later refusal', async () => {
    const { clock, open, store, manager } = await setup();
    clock.jump(HOUR_MS);
    // The process dies between the answer and the disk.
    void manager(() => new Promise(() => {}), open()).refresh(KEY, SIGNAL);
    await settled();
    clock.jump(HOUR_MS);
    const error = await failureOf(clock.until(manager(failing(trouble('GRANT_REJECTED'))).refresh(KEY, SIGNAL)));
    const told =
      'trouble (the refresh that process-1 began at 2026-01-05T11:00:00.000Z never ended, so its new token was lost)';
    expect(error).toMatchObject({ message: `quickbooks no longer accepts the refresh token: ${told}.` });
    expect(await rowOf(store)).toMatchObject({ state: 'reconnect', stateReason: told, rotation: undefined });
  });
});

describe('a token without a refresh token', () => {
  const unsupported = failing(trouble('UNSUPPORTED'));

  it('is used as long as it lasts', async () => {
    const { clock, manager, bearer } = await setup({ refreshToken: undefined });
    clock.jump(HOUR_MS - 1);
    expect(await bearer(manager(unsupported))).toEqual(['access-1', 1]);
  });

  it('has ended when it has expired', async () => {
    const { clock, store, manager } = await setup({ refreshToken: undefined });
    clock.jump(HOUR_MS);
    const detail = 'the access token has expired, and there is no refresh token';
    expect(await failureOf(manager(unsupported).bearer(KEY, SIGNAL))).toMatchObject({
      code: 'RECONNECT_REQUIRED',
      exitCode: 3,
      message: `quickbooks must be connected again: ${detail}.`,
    });
    expect(await rowOf(store)).toMatchObject({ state: 'reconnect', stateReason: detail });
  });

  it('has ended when the provider refuses it', async () => {
    const { store, manager } = await setup({ refreshToken: undefined, expiresAt: undefined });
    expect(await failureOf(manager(unsupported).renewedBearer(KEY, 1, SIGNAL))).toMatchObject({
      code: 'RECONNECT_REQUIRED',
    });
    expect(await rowOf(store)).toMatchObject({
      state: 'reconnect',
      stateReason: 'the provider refused the access token, and there is no refresh token',
    });
  });

  it('is not taken for one when there is a refresh token but no way to use it', async () => {
    const { clock, store, manager } = await setup();
    clock.jump(HOUR_MS);
    expect(await failureOf(manager(unsupported).bearer(KEY, SIGNAL))).toMatchObject({ code: 'UNSUPPORTED' });
    expect((await rowOf(store)).state).toBe('active');
  });
});

describe('a connection that is not there', () => {
  it('is said to be not connected', async () => {
    const { manager } = await setup();
    expect(await failureOf(manager().bearer({ ...KEY, account: 'other' }, SIGNAL))).toMatchObject({
      code: 'NOT_CONNECTED',
      message: 'Account other has no connection to quickbooks.',
    });
  });
});
