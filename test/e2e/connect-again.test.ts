import { describe, expect, test } from 'vitest';
import { documentOf, failureOf, inThisProcess, openScenario, sandboxed } from '../support/scenario.ts';

describe('connecting an account again', () => {
  test('replaces the connection when the same company comes back', async () => {
    const lwi = inThisProcess(await openScenario());
    await lwi.connect(['quickbooks']);
    const before = (await lwi.run(['token', 'get', 'quickbooks'])).stdout;
    expect((await lwi.connect(['quickbooks'])).code).toBe(0);
    const after = await lwi.run(['token', 'get', 'quickbooks']);
    expect(after.code).toBe(0);
    expect(after.stdout).not.toBe(before);
    expect(await lwi.json(['status'])).toMatchObject([{ provider: 'quickbooks', health: 'valid' }]);
  });

  test('another company is refused with code 2, the old connection is intact, and --replace lets it in', async () => {
    const lwi = inThisProcess(await openScenario());
    await lwi.connect(['quickbooks']);
    const before = (await lwi.run(['token', 'get', 'quickbooks'])).stdout;
    const refused = await lwi.connect(['quickbooks', '--json'], { company: 1 });
    const { error, ...rest } = failureOf(refused);
    expect(rest).toEqual({ exit: 2, stdout: '' });
    expect(error).toMatchObject({ code: 'ACCOUNT_MISMATCH', hint: expect.stringContaining('--replace') });
    expect(error['message']).toMatch(/Laneweaver Freight LLC.*Laneweaver Logistics Canada Inc/);
    expect(refused.page).toContain('Not connected');
    expect((await lwi.run(['token', 'get', 'quickbooks'])).stdout).toBe(before);
    const replaced = await lwi.connect(['quickbooks', '--replace', '--json'], { company: 1 });
    expect(documentOf(replaced)).toMatchObject({ externalId: '9130000000000002' });
    expect(await lwi.json(['status'])).toMatchObject([{ externalId: '9130000000000002' }]);
  });

  test('another environment is refused too', async () => {
    const lwi = inThisProcess(await openScenario());
    await lwi.connect(['quickbooks']);
    const env = sandboxed(lwi);
    expect(failureOf(await lwi.connect(['quickbooks', '--json'], { env }))).toMatchObject({
      exit: 2,
      error: { code: 'ACCOUNT_MISMATCH' },
    });
    expect(await lwi.json(['status'])).toMatchObject([{ env: 'mock', health: 'valid' }]);
  });

  test('a failed attempt leaves the connection as it was', async () => {
    const lwi = inThisProcess(await openScenario());
    await lwi.connect(['quickbooks']);
    const before = (await lwi.run(['token', 'get', 'quickbooks'])).stdout;
    await lwi.control('faults?fault=500:quickbooks/tokens');
    expect((await lwi.connect(['quickbooks'])).code).toBe(5);
    expect((await lwi.connect(['quickbooks'], { deny: true })).code).toBe(3);
    expect((await lwi.run(['token', 'get', 'quickbooks'])).stdout).toBe(before);
  });
});

describe('disconnecting', () => {
  test('revokes at the provider, then forgets; synced records stay', async () => {
    const lwi = inThisProcess(await openScenario({ records: 3 }));
    await lwi.connect(['quickbooks']);
    await lwi.json(['sync', 'quickbooks', '--entity', 'items']);
    expect(await lwi.json(['disconnect', 'quickbooks'])).toEqual({
      ...{ provider: 'quickbooks', account: 'default', disconnected: true, remote: 'revoked' },
      kept: { records: 3, secrets: [] },
    });
    expect((await lwi.requests())['POST /quickbooks/v2/oauth2/tokens/revoke']).toBe(1);
    expect(await lwi.json(['status'])).toEqual([]);
    expect(failureOf(await lwi.run(['token', 'get', 'quickbooks', '--json']))).toMatchObject({
      exit: 3,
      error: { code: 'NOT_CONNECTED', hint: 'Run `lwi connect quickbooks`.' },
    });
  });
});
