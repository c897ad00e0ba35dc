import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { plantRecord, plantSetAside } from '../support/planted-rows.ts';
import { failureOf, inThisProcess, openScenario, type Scenario } from '../support/scenario.ts';
import { queryStore } from '../support/store-file.ts';

const ISO = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

/** A company with so many invoices and customers, pulled. */
async function pulled(records = 60): Promise<Scenario> {
  const lwi = inThisProcess(await openScenario({ records }));
  await lwi.connected(['quickbooks']);
  await lwi.prepare(['sync', 'quickbooks', '--entity', 'invoices', 'customers']);
  return lwi;
}

const lines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('records list', () => {
  test('shows the columns that fit, caps at 50, and says how many there are and what gives all', async () => {
    const lwi = await pulled();
    const { code, stdout, stderr } = await lwi.run(['records', 'list', 'quickbooks', 'invoices']);
    const [heading = '', ...rows] = stdout.trimEnd().split('\n');
    expect({ code, heading, rows: rows.length }).toEqual({
      ...{ code: 0, rows: 50 },
      heading: expect.stringMatching(/^ID +UPDATED +DOC NUMBER +TXN DATE +CUSTOMER NAME +TOTAL$/),
    });
    expect(rows[0]).toMatch(/^1 +\d{4}-\d\d-\d\dT\d\d:\d\dZ +10000 +\d{4}-\d\d-\d\d .+ \d+(\.\d+)?$/);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(stderr).toBe(
      'note: 50 of 60 shown; --limit <n> shows more, `lwi records export quickbooks invoices` gives all.\n',
    );
    const all = await lwi.run(['records', 'list', 'quickbooks', 'invoices', '--limit', '60']);
    expect([all.stdout.trimEnd().split('\n').length, all.stderr]).toEqual([61, '']);
    const mixed = await lwi.run(['records', 'list', '--limit', '61']);
    expect(mixed.stdout).toMatch(/^PROVIDER +ENTITY +ID +UPDATED/);
    expect(mixed.stdout).toMatch(/^quickbooks +customers +1 .*\n[\s\S]*^quickbooks +invoices +1 /m);
  });

  test('under --json gives every row as a line, with the data as it is stored', async () => {
    const lwi = await pulled();
    const { stdout, stderr } = await lwi.run(['records', 'list', 'quickbooks', 'invoices', '--json']);
    const rows = lines(stdout);
    expect(rows).toHaveLength(60);
    const [first] = rows;
    expect(first).toEqual({
      ...{ provider: 'quickbooks', account: 'default', externalId: expect.any(String), entity: 'invoices', id: '1' },
      ...{
        updatedAt: ISO,
        deleted: false,
        storedAt: ISO,
        data: expect.objectContaining({ Id: '1', DocNumber: '10000' }),
      },
    });
    const [stored] = queryStore<{ data: string }>(
      lwi.home,
      "SELECT data FROM records WHERE entity = 'invoices' AND id = '1'",
    );
    expect(stdout.split('\n')[0]?.endsWith(`"data":${stored?.data}}`)).toBe(true);
    expect(stderr).toBe('');
    expect(lines((await lwi.run(['records', 'list', '--json', '--limit', '3'])).stdout)).toHaveLength(3);
  });

  test('knows the deleted from the live and the absent, and what changed since', async () => {
    const lwi = await pulled(5);
    await lwi.control('quickbooks/delete?stream=invoices&id=3');
    await lwi.control('quickbooks/touch?stream=invoices&id=2');
    await lwi.prepare(['sync', 'quickbooks', '--entity', 'invoices']);
    plantRecord(lwi.home, '9', { Id: '9' }, { deleted: 2 });
    const list = async (...words: string[]) =>
      lines((await lwi.run(['records', 'list', 'quickbooks', 'invoices', '--json', ...words])).stdout);
    expect((await list()).map(({ id }) => id)).toEqual(['1', '2', '4', '5']);
    const all = (await list('--deleted')).map(({ id, deleted, absent }) => ({ id, deleted, absent }));
    expect(all.filter(({ deleted }) => deleted)).toEqual([
      { id: '3', deleted: true, absent: undefined },
      { id: '9', deleted: true, absent: true },
    ]);
    expect(all).toHaveLength(6);
    expect((await list('--since', '1h')).map(({ id }) => id)).toContain('2');
    expect((await list('--since', '1h')).map(({ id }) => id)).not.toContain('1');
    const table = await lwi.run(['records', 'list', 'quickbooks', 'invoices', '--deleted']);
    expect(table.stdout).toMatch(/^3 .* deleted /m);
    expect(table.stdout).toMatch(/^9 .* absent/m);
    const none = await lwi.run(['records', 'list', 'quickbooks', 'customers', '--since', '0s']);
    expect(none).toMatchObject({ code: 0, stdout: '', stderr: expect.stringContaining('changed since 0s') });
  });

  test('--set-aside gives the rows that could not be read, with the reason and the request', async () => {
    const lwi = await pulled(2);
    const request = { method: 'GET', path: '/query', query: { query: 'select' } };
    plantSetAside(lwi.home, 'a row of Invoice has no Id', { DocNumber: '7' }, request);
    const shown = await lwi.run(['records', 'list', 'quickbooks', '--set-aside']);
    expect(shown.stdout).toMatch(/^invoices +2025-10-09T08:53Z +a row of Invoice has no Id +\{"DocNumber":"7"/m);
    expect(lines((await lwi.run(['records', 'list', '--set-aside', '--json'])).stdout)).toEqual([
      {
        ...{ provider: 'quickbooks', account: 'default', externalId: '9130000000000001', entity: 'invoices' },
        ...{ reason: 'a row of Invoice has no Id', request, setAsideAt: ISO, data: { DocNumber: '7' } },
      },
    ]);
    const words = ['records', 'export', 'quickbooks', 'invoices', '--set-aside', '--format', 'csv'];
    expect((await lwi.run(words)).stdout.split('\r\n')).toEqual([
      'account,company,set_aside_at,reason,request,data',
      expect.stringMatching(
        /^default,9130000000000001,2025-10-09T08:53:20.000Z,a row of Invoice has no Id,"\{""method/,
      ),
      '',
    ]);
    expect((await lwi.run(['records', 'list', 'quickbooks', 'customers', '--set-aside'])).stderr).toContain(
      'No such rows',
    );
  });

  test('data from outside can neither forge lines nor steer the terminal', async () => {
    const lwi = await pulled(1);
    const evil = 'Evil\u001b[8m\u009b2J\r\nerror: forged\u202e';
    plantRecord(lwi.home, `z${evil}`, { DocNumber: evil, CustomerRef: { name: evil } });
    plantSetAside(lwi.home, evil, { evil }, { method: evil });
    const words = ['records', 'list', 'quickbooks', 'invoices'];
    for (const more of [[], ['--json'], ['--set-aside'], ['--set-aside', '--json']]) {
      const { code, stdout } = await lwi.run([...words, ...more]);
      expect(code).toBe(0);
      expect(stdout).toContain('Evil');
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
      expect(stdout).not.toMatch(/[\u001b\u0080-\u009f\u202e\r]|^error:/m);
    }
    const got = await lwi.run(['records', 'get', 'quickbooks', 'invoices', `z${evil}`]);
    expect(JSON.parse(got.stdout)).toMatchObject({ DocNumber: evil });
    expect(got.stdout).not.toMatch(/[\u0080-\u009f\u202e]/);
  });
});

describe('records get', () => {
  test('prints the data, or the row of the store under --json', async () => {
    const lwi = await pulled(3);
    const { code, stdout } = await lwi.run(['records', 'get', 'quickbooks', 'invoices', '2']);
    expect({ code, lines: stdout.split('\n').length > 5 }).toEqual({ code: 0, lines: true });
    expect(JSON.parse(stdout)).toMatchObject({ Id: '2' });
    expect(await lwi.json(['records', 'get', 'quickbooks', 'invoices', '2'])).toMatchObject({
      ...{ provider: 'quickbooks', entity: 'invoices', id: '2', deleted: false, data: { Id: '2' } },
    });
  });

  test('what is not here is code 4 and says what to do; what is deleted is shown when asked for', async () => {
    const lwi = await pulled(3);
    const get = (id: string, ...words: string[]) =>
      lwi.run(['records', 'get', 'quickbooks', 'invoices', id, '--json', ...words]);
    expect(failureOf(await get('77'))).toMatchObject({
      ...{ exit: 4, stdout: '' },
      error: { code: 'NOT_FOUND', hint: expect.stringContaining('lwi sync quickbooks --entity invoices') },
    });
    plantRecord(lwi.home, 'gone', { Id: 'gone' }, { deleted: 1 });
    plantRecord(lwi.home, 'missing', { Id: 'missing' }, { deleted: 2 });
    const message = async (id: string) => failureOf(await get(id)).error['message'];
    expect(await message('gone')).toContain('was deleted at the provider');
    expect(await message('missing')).toContain('is no longer at the provider');
    expect(JSON.parse((await get('gone', '--deleted')).stdout)).toMatchObject({ deleted: true, data: { Id: 'gone' } });
  });

  test('of two companies with the same id, the connected one is meant', async () => {
    const lwi = await pulled(1);
    plantRecord(lwi.home, '1', { whose: 'another company' }, { company: 'Z' });
    plantRecord(lwi.home, 'only there', { whose: 'another company' }, { company: 'Z' });
    expect(await lwi.json(['records', 'get', 'quickbooks', 'invoices', '1'])).toMatchObject({ data: { Id: '1' } });
    expect(await lwi.json(['records', 'get', 'quickbooks', 'invoices', 'only there'])).toMatchObject({
      externalId: 'Z',
    });
    const { stdout } = await lwi.run(['records', 'list', 'quickbooks', 'invoices']);
    expect(stdout).toMatch(/^COMPANY +ID/);
  });
});

describe('records count', () => {
  test('counts live, deleted and set aside, and names the newest', async () => {
    const lwi = await pulled(4);
    plantRecord(lwi.home, 'gone', {}, { deleted: 1 });
    plantRecord(lwi.home, 'missing', {}, { deleted: 2 });
    plantSetAside(lwi.home, 'no id', {}, {});
    const whose = { provider: 'quickbooks', account: 'default', externalId: '9130000000000001' };
    expect(await lwi.json(['records', 'count'])).toEqual([
      { ...whose, entity: 'customers', live: 4, deleted: 0, setAside: 0, newest: ISO },
      { ...whose, entity: 'invoices', live: 4, deleted: 2, setAside: 1, newest: ISO },
    ]);
    expect((await lwi.run(['records', 'count', 'quickbooks', 'invoices'])).stdout).toMatch(
      /^PROVIDER +ENTITY +LIVE +DELETED +SET ASIDE +NEWEST\nquickbooks +invoices +4 +2 +1 +\d{4}-/,
    );
    expect(await lwi.json(['records', 'count', '--since', '0s'])).toMatchObject([{ live: 0 }, { live: 0 }]);
  });
});

describe('whose records are read', () => {
  test('without network, key or connection; of every account, or the one that is named', async () => {
    const lwi = await pulled(3);
    plantRecord(lwi.home, '1', {}, { account: 'north', company: 'N' });
    await lwi.json(['disconnect', 'quickbooks']);
    await lwi.stopMock();
    const env = { LWI_ENCRYPTION_KEY: undefined, LWI_MOCK_URL: 'http://127.0.0.1:9' };
    const accounts = async (...words: string[]) => {
      const { code, stdout } = await lwi.run(['records', 'list', 'quickbooks', 'invoices', '--json', ...words], {
        env,
      });
      expect(code).toBe(0);
      return lines(stdout).map(({ account }) => account);
    };
    expect(await accounts()).toEqual(['default', 'default', 'default', 'north']);
    expect(await accounts('-a', 'north')).toEqual(['north']);
    const { stdout } = await lwi.run(['records', 'list', 'quickbooks', 'invoices'], { env });
    expect(stdout).toMatch(/^ACCOUNT +ID/);
  });

  test('what is known to be of another environment than the one that was asked for is left out', async () => {
    const lwi = await pulled(2);
    plantRecord(lwi.home, 'old', {}, { company: 'no longer connected' });
    const live = async (env: string) =>
      (await lwi.json(['records', 'count', 'quickbooks', 'invoices'], { env: { LWI_ENV: env } })) as { live: number }[];
    expect((await live('mock')).map((entry) => entry.live)).toEqual([2, 1]);
    expect((await live('production')).map((entry) => entry.live)).toEqual([1]);
  });

  test('a home without a database is an empty answer that says what to do, and no database is made', async () => {
    const lwi = inThisProcess(await openScenario());
    for (const verb of ['list', 'count', 'export']) {
      expect(await lwi.run(['records', verb, 'quickbooks', 'invoices'])).toEqual({
        ...{ code: 0, stdout: '' },
        stderr: 'Nothing of quickbooks invoices is in the local store. Run `lwi sync quickbooks --entity invoices`.\n',
      });
    }
    expect(await lwi.json(['records', 'count'])).toEqual([]);
    expect(failureOf(await lwi.run(['records', 'get', 'quickbooks', 'invoices', '1', '--json']))).toMatchObject({
      exit: 4,
    });
    expect(existsSync(join(lwi.home, 'lwi.db'))).toBe(false);
  });

  test('entities and providers that are only in the store can be read; others are code 2 with those that are known', async () => {
    const lwi = await pulled(1);
    plantRecord(lwi.home, '1', { a: 1 }, { entity: 'budgets' });
    plantRecord(lwi.home, '1', { a: 1 }, { provider: 'formerly', entity: 'loads' });
    for (const words of [['quickbooks', 'budgets'], ['formerly', 'loads'], ['formerly']]) {
      expect(lines((await lwi.run(['records', 'list', ...words, '--json'])).stdout)).toMatchObject([
        { data: { a: 1 } },
      ]);
    }
    const refusal = async (...words: string[]) => failureOf(await lwi.run(['records', ...words, '--json']));
    expect(await refusal('list', 'quickbooks', 'invoice')).toMatchObject({
      ...{ exit: 2, stdout: '' },
      error: { code: 'USAGE', message: expect.stringMatching(/no entity "invoice": invoices, .*budgets/) },
    });
    expect(await refusal('count', 'formerly', 'x')).toMatchObject({
      error: { message: expect.stringContaining('"x": loads.') },
    });
    expect(await refusal('export', 'acme')).toMatchObject({ exit: 2, error: { code: 'PROVIDER_UNKNOWN' } });
  });
});

test.each([
  [['list', '--since', 'last'], /--since last is for/],
  [['list', '--since', 'yesterday'], /--since takes/],
  [['list', '--limit', '0'], /--limit takes/],
  [['list', '--set-aside', '--deleted'], /--deleted or --set-aside/],
  [['export', '--format', 'xml'], /--format takes jsonl or csv/],
  [['export', 'quickbooks', '--format', 'csv'], /CSV needs a provider and an entity/],
  [['export', '-o', '/nowhere/file'], /cannot be written/],
])('records %j is code 2', async (words, message) => {
  const lwi = inThisProcess(await openScenario());
  const { exit, stdout, error } = failureOf(await lwi.run(['records', ...words, '--json']));
  expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
  expect(error['message']).toMatch(message);
});
