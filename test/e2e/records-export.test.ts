import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { plantInvoices, plantRecord } from '../support/planted-rows.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';

const FULL = '/dev/full';
const EXPORT = ['records', 'export', 'quickbooks', 'invoices'];

/** A home with a database, and so many invoices planted in it. */
async function planted(count: number): Promise<Scenario> {
  const lwi = await openScenario({ records: 1 });
  await lwi.connected(['mycarrierpackets']);
  if (count > 0) plantInvoices(lwi.home, count);
  return lwi;
}

/** Fields of CSV, read by the grammar of RFC 4180. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === '\r\n') rows.push([]);
  }
  return rows.slice(0, -1);
}

test('CSV holds what a reader of RFC 4180 gets back: quotes, line ends, lists, nothing', async () => {
  const lwi = await planted(0);
  const name = 'Acme "Fast", Inc.\r\nChicago';
  plantRecord(lwi.home, '1', { DocNumber: '007', CustomerRef: { name }, TotalAmt: 12.5, Balance: null, Line: [1] });
  plantRecord(lwi.home, ' 2 ', { CustomerRef: 'none' }, { deleted: 1 });
  const { code, stdout } = await lwi.run([...EXPORT, '--format', 'csv', '--deleted']);
  const [heading = [], ...rows] = parseCsv(stdout);
  expect({ code, lines: rows.length }).toEqual({ code: 0, lines: 2 });
  const [two, one] = rows.map((row) => Object.fromEntries(heading.map((column, at) => [column, row[at]])));
  expect(one).toMatchObject({
    ...{ account: 'default', company: '9130000000000001', id: '1', updated_at: '2025-10-09T08:53:20.000Z' },
    ...{ deleted: 'false', doc_number: '007', customer_name: name, total: '12.5', balance: '' },
    data: JSON.stringify({ DocNumber: '007', CustomerRef: { name }, TotalAmt: 12.5, Balance: null, Line: [1] }),
  });
  expect(two).toMatchObject({ id: ' 2 ', deleted: 'true', customer_name: '' });
});

test('a file is private, whole, and named only when it is; its ending says the form', async () => {
  const lwi = await planted(300);
  const file = join(lwi.cwd, 'invoices.csv');
  expect(await lwi.json([...EXPORT, '-o', file])).toEqual({ file, format: 'csv', rows: 300 });
  expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
  expect(parseCsv(readFileSync(file, 'utf8'))).toHaveLength(301);
  const lines = join(lwi.cwd, 'all.jsonl');
  expect(await lwi.run(['records', 'export', '-o', lines])).toEqual({
    ...{ code: 0, stdout: '', stderr: `wrote 300 rows to ${lines}\n` },
  });
  expect(readFileSync(lines, 'utf8').trimEnd().split('\n')).toHaveLength(300);
});

test('100000 rows go through in 40 MB of heap, as JSON lines and as CSV', async () => {
  const lwi = await planted(100_000);
  const env = { NODE_OPTIONS: '--max-old-space-size=40' };
  for (const form of ['jsonl', 'csv']) {
    const file = join(lwi.cwd, `invoices.${form}`);
    const ran = await lwi.run([...EXPORT, '-o', file], { env, limitMs: 90_000 });
    expect(ran).toEqual({ code: 0, stdout: '', stderr: `wrote 100000 rows to ${file}\n` });
    const [, lines] = /^(\d+)/.exec((await lwi.run([file], { shell: 'wc -l < "$1"' })).stdout.trim()) ?? [];
    expect(Number(lines)).toBe(form === 'csv' ? 100_001 : 100_000);
  }
}, 240_000);

test('Ctrl-C ends a long export with 130, and leaves what was in the place of the file', async () => {
  const lwi = await planted(150_000);
  const file = lwi.write('invoices.jsonl', 'as it was');
  const running = lwi.start([...EXPORT, '-o', file]);
  const begun = () => readdirSync(lwi.cwd).some((name) => name.endsWith('.tmp'));
  while (!begun() && running.child.exitCode === null) await new Promise((resolve) => setImmediate(resolve));
  running.child.kill('SIGINT');
  expect(await running.ended).toMatchObject({ code: 130, stdout: '', stderr: expect.stringContaining('SIGINT') });
  expect(readFileSync(file, 'utf8')).toBe('as it was');
  expect(begun()).toBe(false);
});

test('a reader that leaves early ends the export, and that is no failure', async () => {
  const lwi = await planted(150_000);
  const shell = '{ $LWI "$@"; echo "code $?" >&2; } | head -n 2';
  const { stdout, stderr } = await lwi.run([...EXPORT], { shell });
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { id: string }).id),
  ).toEqual(['b1', 'b10']);
  expect(stderr).toBe('code 0\n');
});

test.skipIf(!existsSync(FULL))('a full disk is code 7, on stdout and in a file', async () => {
  const lwi = await planted(300);
  const ran = await lwi.run([...EXPORT], { shell: `$LWI "$@" >${FULL}` });
  expect(ran).toMatchObject({ code: 7, stderr: expect.stringContaining('ENOSPC') });
  expect(await lwi.run([...EXPORT, '-o', FULL])).toMatchObject({ code: 7, stderr: expect.stringContaining('ENOSPC') });
});

test('a sync writes while an export reads, and neither fails', async () => {
  const lwi = await openScenario({ records: 400 });
  await lwi.connected(['quickbooks']);
  plantInvoices(lwi.home, 100_000);
  const [exported] = await Promise.all([
    lwi.run(['records', 'export', '-o', join(lwi.cwd, 'all.jsonl')]),
    lwi.json(['sync', 'quickbooks']),
  ]);
  expect(exported).toMatchObject({ code: 0 });
});
