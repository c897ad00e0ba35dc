import { describe, expect, test } from 'vitest';
import type { Opened } from './contract.ts';
import { bytes, KEY, NOW, sampleConnection, sampleId, samplePage, sampleToken, TARGET } from './sample-rows.ts';

/** Connections: compare-and-set on the generation, rotation notes, what a refresh changes. */
export function describeConnections(database: () => Promise<Opened>): void {
  describe('connections', () => {
    test('a new connection comes back whole', async () => {
      const open = await database();
      expect(await (await open()).putConnection(sampleConnection(), undefined)).toBe(true);
      const { at, ...rest } = sampleConnection();
      expect(await (await open()).connection(KEY)).toEqual({
        ...rest,
        state: 'active',
        generation: 1,
        refreshCount: 0,
        createdAt: at,
        updatedAt: at,
      });
    });

    test('what a connection lacks is absent when it comes back', async () => {
      const store = await (await database())();
      const token = { accessToken: bytes('a'), tokenType: 'bearer', issuedAt: NOW, scopes: [] };
      await store.putConnection({ ...KEY, id: sampleId(1), env: 'mock', token, at: NOW }, undefined);
      const row = await store.connection(KEY);
      expect(row?.token).toEqual(token);
      expect([row?.client, row?.variant, row?.externalId, row?.externalName, row?.lastRefresh, row?.rotation]).toEqual(
        Array(6).fill(undefined),
      );
    });

    test('there is one for each tenant and provider: a second one is refused without the right generation', async () => {
      const open = await database();
      const [one, two] = [await open(), await open()];
      await one.putConnection(sampleConnection(), undefined);
      const second = sampleConnection({ id: sampleId(2), token: sampleToken('2'), at: NOW + 5 });
      expect(await two.putConnection(second, undefined)).toBe(false);
      expect(await two.putConnection(second, 2)).toBe(false);
      expect((await one.connection(KEY))?.id).toBe(sampleConnection().id);
      expect(await two.putConnection(second, 1)).toBe(true);
      expect(await one.connection(KEY)).toMatchObject({
        id: sampleId(2),
        generation: 2,
        refreshCount: 0,
        createdAt: NOW + 5,
      });
    });

    test('replacing what is not there is refused', async () => {
      const store = await (await database())();
      expect(await store.putConnection(sampleConnection(), 1)).toBe(false);
      expect(await store.connection(KEY)).toBeUndefined();
    });

    test('they are listed by tenant, then provider, and never across tenants', async () => {
      const store = await (await database())();
      const names = [
        ['b', 'quickbooks'],
        ['a', 'slack'],
        ['a', 'quickbooks'],
      ] as const;
      for (const [index, [account, provider]] of names.entries()) {
        await store.putConnection(sampleConnection({ id: sampleId(index), account, provider }), undefined);
      }
      const listed = async (filter?: Parameters<typeof store.connections>[0]) =>
        (await store.connections(filter)).map((row) => `${row.account}/${row.provider}`);
      expect(await listed()).toEqual(['a/quickbooks', 'a/slack', 'b/quickbooks']);
      expect(await listed({ account: 'a' })).toEqual(['a/quickbooks', 'a/slack']);
      expect(await listed({ provider: 'quickbooks' })).toEqual(['a/quickbooks', 'b/quickbooks']);
      expect(await listed({ account: 'b', provider: 'slack' })).toEqual([]);
    });

    test('a refresh replaces the token once for each generation and clears the rotation note', async () => {
      const open = await database();
      const [one, two] = [await open(), await open()];
      await one.putConnection(sampleConnection(), undefined);
      const rotation = { startedAt: NOW + 1, owner: '17@host' };
      expect(await one.beginRotation(KEY, 2, rotation)).toBe(false);
      expect(await one.beginRotation(KEY, 1, rotation)).toBe(true);
      expect((await two.connection(KEY))?.rotation).toEqual(rotation);

      const change = { token: sampleToken('2'), externalName: 'Acme Inc.', at: NOW + 2 };
      expect(await one.replaceToken(KEY, change, 1)).toBe(true);
      expect(await two.replaceToken(KEY, { token: sampleToken('late'), at: NOW + 3 }, 1)).toBe(false);
      expect(await two.beginRotation(KEY, 1, rotation)).toBe(false);
      const { at, ...rest } = sampleConnection();
      expect(await two.connection(KEY)).toEqual({
        ...rest,
        externalName: 'Acme Inc.',
        token: sampleToken('2'),
        state: 'active',
        generation: 2,
        refreshCount: 1,
        lastRefresh: { at: NOW + 2, outcome: 'refreshed', failures: 0 },
        createdAt: at,
        updatedAt: NOW + 2,
      });
    });

    test('a refresh that brings no refresh token keeps the old one with its expiry', async () => {
      const store = await (await database())();
      await store.putConnection(sampleConnection(), undefined);
      const token = {
        accessToken: bytes('next'),
        tokenType: 'bearer',
        issuedAt: NOW + 9,
        expiresAt: NOW + 99,
        scopes: ['x'],
      };
      await store.replaceToken(KEY, { token, at: NOW + 9 }, 1);
      const row = await store.connection(KEY);
      expect(row?.token).toEqual({ ...sampleToken(), ...token });
      expect(row?.externalName).toBe('Acme Freight');
    });

    test('failures are counted, marked only when final, and ended by a refresh', async () => {
      const store = await (await database())();
      await store.putConnection(sampleConnection(), undefined);
      const rotation = { startedAt: NOW, owner: '17@host' };
      await store.beginRotation(KEY, 1, rotation);
      expect(
        await store.failRotation(KEY, { at: NOW + 1, outcome: 'failed', detail: 'timeout', note: 'kept' }, 1),
      ).toBe(true);
      expect(await store.connection(KEY)).toMatchObject({
        state: 'active',
        generation: 1,
        rotation,
        lastRefresh: { at: NOW + 1, outcome: 'failed', detail: 'timeout', failures: 1 },
      });
      // A later one that was never sent gives way to the note of the one before it.
      await store.beginRotation(KEY, 1, { startedAt: NOW + 1, owner: '18@host' });
      await store.failRotation(KEY, { at: NOW + 1, outcome: 'failed', detail: 'refused', note: rotation }, 1);
      expect((await store.connection(KEY))?.rotation).toEqual(rotation);
      const final = { at: NOW + 2, outcome: 'reconnect', detail: 'invalid_grant' } as const;
      expect(await store.failRotation(KEY, final, 2)).toBe(false);
      expect(await store.failRotation(KEY, final, 1)).toBe(true);
      const dead = await store.connection(KEY);
      expect(dead).toMatchObject({
        state: 'reconnect',
        stateReason: 'invalid_grant',
        generation: 1,
        token: sampleToken(),
        lastRefresh: { at: NOW + 2, outcome: 'reconnect', detail: 'invalid_grant', failures: 3 },
      });
      expect(dead?.rotation).toBeUndefined();
      await store.replaceToken(KEY, { token: sampleToken('2'), at: NOW + 3 }, 1);
      const alive = await store.connection(KEY);
      expect(alive).toMatchObject({ state: 'active', lastRefresh: { outcome: 'refreshed', failures: 0 } });
      expect(alive?.stateReason).toBeUndefined();
    });

    test('deleting needs the right generation and keeps records and cursors', async () => {
      const store = await (await database())();
      await store.putConnection(sampleConnection(), undefined);
      await store.commitPage(samplePage([{ id: '1', deleted: false, data: 1 }]));
      expect(await store.deleteConnection(KEY, 2)).toBe(false);
      expect(await store.deleteConnection(KEY, 1)).toBe(true);
      expect(await store.deleteConnection(KEY, 1)).toBe(false);
      expect(await store.connection(KEY)).toBeUndefined();
      expect((await store.syncSummary(TARGET)).records).toBe(1);
      expect(await store.cursor(TARGET, 'invoices')).toMatchObject({ watermark: NOW });
    });

    test('whoever read a deleted connection cannot write to its successor', async () => {
      const store = await (await database())();
      await store.putConnection(sampleConnection(), undefined);
      await store.deleteConnection(KEY, 1);
      expect(await store.putConnection(sampleConnection({ id: sampleId(2) }), undefined)).toBe(true);
      expect(await store.replaceToken(KEY, { token: sampleToken('stale'), at: NOW }, 1)).toBe(false);
      expect(await store.connection(KEY)).toMatchObject({ id: sampleId(2), generation: 2, token: sampleToken() });
    });
  });
}
