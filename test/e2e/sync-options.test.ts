import { describe, expect, test } from 'vitest';
import { openBroughtProvider } from '../support/brought-provider.ts';
import { failureOf, inThisProcess, openScenario, type Scenario } from '../support/scenario.ts';
import { queryStore, recordIds } from '../support/store-file.ts';

const connected = async (records = 40): Promise<Scenario> => {
  const lwi = inThisProcess(await openScenario({ records }));
  await lwi.connected(['quickbooks']);
  return lwi;
};
const invoices = (...words: string[]) => ['sync', 'quickbooks', ...words, '--entity', 'invoices'];
const stored = (lwi: Scenario) => queryStore<{ records: number }>(lwi.home, 'SELECT count(*) AS records FROM records');

describe('sync --full', () => {
  test('finds what was deleted behind its back, and says nothing of blind spots', async () => {
    const lwi = await connected();
    const rates = ['sync', 'quickbooks', '--entity', 'time-activities'];
    await lwi.json(rates);
    await lwi.control('quickbooks/delete?stream=time-activities&id=3&id=4');
    expect(await lwi.json(rates)).toMatchObject({
      entities: [{ deleted: 0, coverage: [expect.stringContaining('--full')] }],
    });
    expect(recordIds(lwi.home, 'time-activities')).toHaveLength(40);
    expect(await lwi.json([...rates, '--full'])).toMatchObject({ entities: [{ deleted: 2, coverage: [] }] });
    expect(recordIds(lwi.home, 'time-activities')).toHaveLength(38);
    expect(await lwi.json([...rates, '--full'])).toMatchObject({ entities: [{ upserted: 0, deleted: 0 }] });
  });
});

describe('sync --dry-run', () => {
  test('says what it would cost, and stores nothing', async () => {
    const lwi = await connected(2500);
    const words = ['sync', 'quickbooks', '--dry-run', '--entity', 'invoices', 'customers', 'terms', 'vendors'];
    expect(await lwi.json(words)).toEqual({
      ...{ provider: 'quickbooks', account: 'default', dryRun: true },
      entities: [
        { entity: 'invoices', records: 2500, requests: 3, atLeast: false, durationMs: 0, coverage: [] },
        { entity: 'customers', records: 2500, requests: 3, atLeast: false, durationMs: 0, coverage: [] },
        { entity: 'terms', records: 4, requests: 1, atLeast: false, durationMs: 0, coverage: [] },
        { entity: 'vendors', records: 2500, requests: 3, atLeast: false, durationMs: 0, coverage: [] },
      ],
      requests: 10,
      durationMs: 0,
      monthlyQuota: { plan: 'Builder', calls: 500_000, share: 10 / 500_000 },
    });
    expect(stored(lwi)).toEqual([{ records: 0 }]);
    expect(queryStore(lwi.home, 'SELECT * FROM sync_cursors')).toEqual([]);
    const { stdout } = await lwi.run(words);
    expect(stdout).toContain('quickbooks: 10 requests, 0.0020 % of the 500,000 calls that the Builder plan includes');
  });

  test('keeps a rationed poll for the sync itself', async () => {
    const lwi = inThisProcess(await openScenario({ records: 4 }));
    await lwi.connected(['mycarrierpackets']);
    await lwi.json(['sync', 'mycarrierpackets', '--dry-run']);
    expect(Object.keys(await lwi.requests()).filter((path) => path.includes('CarriersChanges'))).toEqual([]);
  });
});

describe('sync --output jsonl', () => {
  test('gives the records, one a line, and deletions as such', async () => {
    const lwi = await connected(3);
    await lwi.json(invoices());
    await lwi.control('quickbooks/delete?stream=invoices&id=2');
    const { code, stdout } = await lwi.run(invoices('--output', 'jsonl'));
    expect(code).toBe(0);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      {
        ...{ provider: 'quickbooks', account: 'default', entity: 'invoices', id: '2', deleted: true },
        ...{ updatedAt: expect.any(String), data: expect.objectContaining({ status: 'Deleted' }) },
      },
    ]);
  });

  test('that nobody reads to the end ends with code 5, and what was not read comes again', async () => {
    const lwi = await connected(5000);
    const words = '$LWI sync quickbooks --entity invoices --output jsonl -q; echo code $? >&2';
    const { stderr } = await lwi.run([], { shell: `{ ${words}; } | head -n 1` });
    expect(stderr).toContain('code 5');
    expect(stored(lwi)[0]?.records).toBeLessThan(5000);
    await lwi.json(invoices());
    expect(stored(lwi)).toEqual([{ records: 5000 }]);
  });
});

describe('sync --limit', () => {
  test('takes no more than that', async () => {
    const lwi = await connected();
    expect(await lwi.json(invoices('--limit', '7'))).toMatchObject({ entities: [{ upserted: 7, cursor: null }] });
    expect(await lwi.json(invoices())).toMatchObject({ entities: [{ upserted: 33, unchanged: 7 }] });
  });
});

describe('sync --lag', () => {
  test('reads again from so far behind the cursor', async () => {
    const lwi = await connected();
    await lwi.json(invoices());
    expect(await lwi.json(invoices())).toMatchObject({ entities: [{ unchanged: 0 }] });
    expect(await lwi.json(invoices('--lag', '28d'))).toMatchObject({ entities: [{ upserted: 0, unchanged: 3 }] });
  });
});

describe('a row that cannot be read', () => {
  test('is set aside with its page and reason; the rest is stored, and the exit code says so', async () => {
    const rows = [{ id: 1, name: 'good' }, { name: 'no id' }, { id: 3, name: 'good too' }];
    const { lwi } = await openBroughtProvider(() => ({ json: rows }), { streams: [{ name: 'items', path: '/items' }] });
    const { exit, stdout, error } = failureOf(await lwi.run(['sync', 'acme', '--json']));
    expect({ exit, ...error }).toMatchObject({ exit: 4, code: 'RECORDS_SET_ASIDE', retryable: false });
    expect(error['hint']).toContain('lwi records list acme items --set-aside');
    expect(JSON.parse(stdout)).toMatchObject({ entities: [{ upserted: 2, rejected: 1 }] });
    const [aside] = queryStore<{ reason: string; request: string; data: string }>(
      lwi.home,
      'SELECT * FROM rejected_records',
    );
    expect(aside).toMatchObject({ reason: 'there is no id at id', data: '{"name":"no id"}' });
    expect(JSON.parse(aside?.request ?? '')).toMatchObject({ method: 'GET', path: '/items' });
  });
});

describe('options that make no sense', () => {
  test.each([
    [['--full', '--since', '7d'], /leave out --since/],
    [['--limit', '0'], /--limit is a number/],
    [['--lag', 'soon'], /--lag/],
    [['--output', 'xml'], /--output is one of/],
    [['--output', 'singer', '--dry-run'], /no records/],
    [['--state', 'x.json'], /goes with --output singer/],
    [['--output', 'jsonl', '--json'], /--json is one document/],
  ])('%j is code 2', async (words, message) => {
    const lwi = await connected(1);
    const { code, stderr, stdout } = await lwi.run(['sync', 'quickbooks', ...words]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });
});
