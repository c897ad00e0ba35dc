import { describe, expect, test } from 'vitest';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { readSinger } from '../support/singer.ts';
import { queryStore } from '../support/store-file.ts';

const ENTITIES = ['--entity', 'invoices', 'customers', 'time-activities'];

async function tap(lwi: Scenario, ...words: string[]) {
  const { code, stdout, stderr } = await lwi.run(['sync', 'quickbooks', ...words, ...ENTITIES, '--output', 'singer']);
  expect({ code, errors: /error/.test(stderr) }).toEqual({ code: 0, errors: false });
  return { ...readSinger(stdout), stdout };
}

const ids = (output: Awaited<ReturnType<typeof tap>>, stream: string) =>
  output.streams.get(stream)?.records.map((record) => record['_lwi_id']);

describe('sync --output singer', () => {
  test('is what the Singer specification says, for records, changes and deletions', async () => {
    const lwi = await openScenario({ records: 30 });
    await lwi.connected(['quickbooks']);
    const first = await tap(lwi);
    expect([...first.streams.keys()]).toEqual([
      'quickbooks_invoices',
      'quickbooks_customers',
      'quickbooks_time_activities',
    ]);
    for (const { keyProperties, records } of first.streams.values()) {
      expect(keyProperties).toEqual(['_lwi_id']);
      expect(records).toHaveLength(30);
    }
    await lwi.control('quickbooks/touch?stream=invoices&id=4');
    await lwi.control('quickbooks/delete?stream=invoices&id=7');
    await lwi.control('quickbooks/delete?stream=time-activities&id=2');
    const second = await tap(lwi);
    expect(ids(second, 'quickbooks_invoices')?.sort()).toEqual(['4', '7']);
    const gone = second.streams.get('quickbooks_invoices')?.records.find((record) => record['_lwi_id'] === '7');
    expect(gone?.['_sdc_deleted_at']).toBe(gone?.['_lwi_updated_at']);
    const full = await tap(lwi, '--full');
    const buried = full.streams.get('quickbooks_time_activities')?.records.filter((each) => each['_sdc_deleted_at']);
    expect(buried?.map((record) => record['_lwi_id'])).toEqual(['2']);
  });

  test('goes on from the STATE of the target, whatever the store knows', async () => {
    const lwi = await openScenario({ records: 5 });
    await lwi.connected(['quickbooks']);
    const { states } = await tap(lwi);
    const state = lwi.write('state.json', states.at(-1));
    await lwi.control('quickbooks/touch?stream=customers&id=3');
    await lwi.json(['sync', 'quickbooks', ...ENTITIES]);
    // The store has it already, the target has not.
    const next = await tap(lwi, '--state', state);
    expect(ids(next, 'quickbooks_customers')).toEqual(['3']);
    // As a whole message, as some targets hand it back; and without any: from the beginning.
    const message = lwi.write('message.json', `${next.stdout.trim().split('\n').at(-1)}\n`);
    expect((await tap(lwi, '--state', message)).streams.size).toBe(3);
    expect(ids(await tap(lwi, '--state', lwi.write('empty.json', '')), 'quickbooks_invoices')).toHaveLength(5);
    const bad = await lwi.run(['sync', 'quickbooks', '--output', 'singer', '--state', lwi.write('bad.json', [])]);
    expect({ code: bad.code, stdout: bad.stdout }).toEqual({ code: 2, stdout: '' });
  });

  test('to a target that ends early moves no cursor: it gets all of it again', async () => {
    const lwi = await openScenario({ records: 3000 });
    await lwi.connected(['quickbooks']);
    const words = '$LWI sync quickbooks --entity invoices --output singer -q; echo code $? >&2';
    const { stderr } = await lwi.run([], { shell: `{ ${words}; } | head -n 2` });
    expect(stderr).toContain('code 5');
    expect(queryStore(lwi.home, 'SELECT watermark FROM sync_cursors WHERE watermark IS NOT NULL')).toEqual([]);
    expect(new Set(ids(await tap(lwi), 'quickbooks_invoices')).size).toBe(3000);
  });
});
