import { readdirSync, readlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Running } from '../support/lwi.ts';
import { failureOf, inThisProcess, openScenario, type Scenario } from '../support/scenario.ts';
import { ageTokens, endLeases, queryStore } from '../support/store-file.ts';
import { databaseOf } from '../support/store-place.ts';

const HOUR_MS = 3_600_000;
const REVOKE = 'POST /quickbooks/v2/oauth2/tokens/revoke';
const DISCONNECT = ['disconnect', 'quickbooks', '--json'];

async function connected(): Promise<Scenario> {
  const lwi = inThisProcess(await openScenario({ records: 3 }));
  await lwi.connected(['quickbooks']);
  return lwi;
}

/** Waits until some process holds the refresh lease. */
async function leaseTaken({ home }: Scenario): Promise<void> {
  const taken = () => queryStore(home, "SELECT name FROM leases WHERE name LIKE 'refresh:%'").length;
  await expect.poll(taken, { interval: 10, timeout: 10_000 }).toBe(1);
}

/** What a process has open; nothing yet where it has not started. */
function openFiles(pid: number | undefined): string[] {
  const directory = `/proc/${pid}/fd`;
  return readdirSync(directory).flatMap((name) => {
    try {
      return [readlinkSync(`${directory}/${name}`)];
    } catch {
      return [];
    }
  });
}

/** What the one that is watched calls itself at a server. */
const NAME = 'the-one-that-waits';

/** Whether a process has its store open. */
function hasOpened({ home }: Scenario, { child }: Running): boolean {
  if (databaseOf(home) === undefined) return openFiles(child.pid).includes(`${home}/lwi.db`);
  return queryStore(home, `SELECT pid FROM pg_stat_activity WHERE application_name = '${NAME}'`).length > 0;
}

const connections = ({ home }: Scenario) => queryStore(home, 'SELECT * FROM oauth_tokens');
const revocations = async (lwi: Scenario) => (await lwi.requests())[REVOKE] ?? 0;

describe('disconnect', () => {
  test('revokes, then deletes the connection; records and secrets stay, and it says so', async () => {
    const lwi = await connected();
    await lwi.json(['secret', 'set', 'quickbooks', 'webhook-secret'], { stdin: 'a-secret' });
    await lwi.json(['sync', 'quickbooks', '--entity', 'customers']);
    const records = queryStore<{ n: number }>(lwi.home, 'SELECT count(*) AS n FROM records')[0]?.n;
    expect(await lwi.json(['disconnect', 'quickbooks'])).toEqual({
      ...{ provider: 'quickbooks', account: 'default', disconnected: true, remote: 'revoked' },
      kept: { records, secrets: ['webhook-secret'] },
    });
    expect([connections(lwi), await revocations(lwi), await lwi.json(['status'])]).toEqual([[], 1, []]);
    expect(queryStore(lwi.home, 'SELECT count(*) AS n FROM records')).toEqual([{ n: records }]);
    expect(await lwi.json(['secret', 'list'])).toMatchObject([{ name: 'webhook-secret' }]);
    expect(failureOf(await lwi.run(DISCONNECT))).toMatchObject({ exit: 3, error: { code: 'NOT_CONNECTED' } });
  });

  test('tells a person what stays', async () => {
    const lwi = await connected();
    await lwi.json(['secret', 'set', 'quickbooks', 'webhook-secret'], { stdin: 'a-secret' });
    expect(await lwi.run(['disconnect', 'quickbooks'])).toEqual({
      code: 0,
      stdout: 'disconnected quickbooks of account default; QuickBooks Online has revoked the grant\n',
      stderr: 'kept here: webhook-secret (`lwi secret remove` forgets them)\n',
    });
  });

  test.each(['503', 'cut', 'lost'])('deletes nothing with code 5 when the provider answers with %s', async (fault) => {
    const lwi = await connected();
    await lwi.control(`faults?fault=${fault}:quickbooks/revoke`);
    const { exit, stdout, error } = failureOf(await lwi.run(DISCONNECT));
    expect({ exit, stdout, retryable: error['retryable'] }).toEqual({ exit: 5, stdout: '', retryable: true });
    expect(error['message']).toMatch(/ Nothing was deleted\.$/);
    expect(await lwi.json(['status'])).toMatchObject([{ provider: 'quickbooks', health: 'valid' }]);
    await lwi.control('faults');
    expect(await lwi.json(['disconnect', 'quickbooks'])).toMatchObject({ remote: 'revoked' });
  });

  test('deletes all the same with --force, and says that the grant may live on', async () => {
    const lwi = await connected();
    await lwi.control('faults?fault=503:quickbooks/revoke');
    const ran = await lwi.run(['disconnect', 'quickbooks', '--force']);
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining('it may still live there') });
    expect(connections(lwi)).toEqual([]);
  });

  test('asks the provider nothing with --keep-remote, also when it is out of reach', async () => {
    const lwi = await connected();
    await lwi.control('faults?fault=cut');
    expect(await lwi.json(['disconnect', 'quickbooks', '--keep-remote'])).toMatchObject({ remote: 'kept' });
    expect([connections(lwi), await revocations(lwi)]).toEqual([[], 0]);
  });
});

describe('disconnect and a refresh at the same time', () => {
  test('it waits for the refresh, ends what that brought, and nothing comes back', async () => {
    const lwi = await connected();
    await lwi.control('faults?fault=latency=1500:quickbooks/tokens/bearer');
    const refresh = lwi.start(['token', 'refresh', 'quickbooks', '--force', '--json']);
    await leaseTaken(lwi);
    const disconnect = await lwi.run(DISCONNECT);
    expect(JSON.parse((await refresh.ended).stdout)).toMatchObject([{ outcome: 'refreshed' }]);
    expect(JSON.parse(disconnect.stdout)).toMatchObject({ disconnected: true, remote: 'revoked' });
    expect(connections(lwi)).toEqual([]);
  });

  test('a refresh that waits for it finds no connection, and asks the provider nothing', async () => {
    const lwi = await connected();
    ageTokens(lwi.home, 2 * HOUR_MS);
    await lwi.control('faults?fault=latency=1500:quickbooks/revoke');
    const before = (await lwi.requests())['POST /quickbooks/oauth2/v1/tokens/bearer'];
    const disconnect = lwi.start(DISCONNECT);
    await leaseTaken(lwi);
    const get = await lwi.run(['token', 'get', 'quickbooks', '--json']);
    expect(failureOf(get)).toMatchObject({ exit: 3, stdout: '', error: { code: 'NOT_CONNECTED' } });
    expect((await disconnect.ended).code).toBe(0);
    expect(connections(lwi)).toEqual([]);
    expect((await lwi.requests())['POST /quickbooks/oauth2/v1/tokens/bearer']).toBe(before);
  });
});

describe('a disconnect that is stopped', () => {
  test.runIf(process.platform === 'linux')('while it waits for its turn has done nothing', async () => {
    const lwi = await connected();
    await lwi.control('faults?fault=latency=3000:quickbooks/tokens/bearer');
    const refresh = lwi.start(['token', 'refresh', 'quickbooks', '--force', '--json']);
    await leaseTaken(lwi);
    const url = databaseOf(lwi.home);
    const env = url === undefined ? {} : { LWI_DATABASE_URL: `${url}?application_name=${NAME}` };
    const disconnect = lwi.start(DISCONNECT, { env });
    await expect.poll(() => hasOpened(lwi, disconnect), { timeout: 10_000 }).toBe(true);
    disconnect.child.kill('SIGINT');
    expect(failureOf(await disconnect.ended)).toMatchObject({ exit: 130, stdout: '', error: { code: 'INTERRUPTED' } });
    expect(JSON.parse((await refresh.ended).stdout)).toMatchObject([{ outcome: 'refreshed' }]);
    expect([connections(lwi).length, await revocations(lwi)]).toEqual([1, 0]);
  });

  test('once it has begun ends both sides first, however long the provider takes', async () => {
    const lwi = await connected();
    await lwi.control('faults?fault=latency=3500:quickbooks/revoke');
    const disconnect = lwi.start(['disconnect', 'quickbooks']);
    await leaseTaken(lwi);
    disconnect.child.kill('SIGINT');
    const { code, stdout, stderr } = await disconnect.ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^disconnected .* has revoked/) });
    expect(stderr).toContain('Stop again to leave at once.');
    expect([connections(lwi), await revocations(lwi)]).toEqual([[], 1]);
  });

  test('twice leaves at once, with code 130, and can be run again', async () => {
    const lwi = await connected();
    await lwi.control('faults?fault=latency=20000:quickbooks/revoke');
    const disconnect = lwi.start(['disconnect', 'quickbooks']);
    await leaseTaken(lwi);
    disconnect.child.kill('SIGINT');
    await disconnect.said(/Stop again/);
    disconnect.child.kill('SIGINT');
    expect((await disconnect.ended).code).toBe(130);
    expect(connections(lwi)).toHaveLength(1);
    await lwi.control('faults');
    endLeases(lwi.home);
    expect(await lwi.json(['disconnect', 'quickbooks'])).toMatchObject({ remote: 'revoked' });
  });

  test('by SIGKILL, when the grant is gone and the row is not, is found out by whoever comes next', async () => {
    const lwi = await connected();
    await lwi.control('faults?fault=latency=20000:quickbooks/revoke');
    const disconnect = lwi.start(DISCONNECT);
    await leaseTaken(lwi);
    disconnect.child.kill('SIGKILL');
    expect((await disconnect.ended).code).toBe(null);
    // What the provider had done by then.
    await lwi.control('faults');
    await lwi.control('revoke?provider=quickbooks');
    expect(await lwi.json(['status'])).toMatchObject([{ health: 'valid' }]);
    const call = ['api', 'quickbooks', '/companyinfo/9130000000000001', '--json'];
    endLeases(lwi.home);
    expect(failureOf(await lwi.run(call))).toMatchObject({ exit: 3, error: { code: 'RECONNECT_REQUIRED' } });
    expect(await lwi.json(['status'])).toMatchObject([{ health: 'reconnect' }]);
    const get = await lwi.run(['token', 'get', 'quickbooks', '--json']);
    expect(failureOf(get)).toMatchObject({ exit: 3, stdout: '', error: { code: 'RECONNECT_REQUIRED' } });
    expect(await lwi.json(['disconnect', 'quickbooks'])).toMatchObject({ disconnected: true, remote: 'revoked' });
    expect(connections(lwi)).toEqual([]);
  });
});
