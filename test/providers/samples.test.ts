import { describe, expect, test } from 'vitest';
import { isObject } from '../../src/providers/json-value.ts';
import { BUILT_IN } from '../../src/providers/registry.ts';
import type { StreamRecord } from '../../src/providers/stream.ts';
import { faultsOf, readings, readSample, rowsIn, samplesOf, withRows } from './sample.ts';
import { answer } from './support.ts';

/** Where rows of each provider carry the time of their last change; the first that stands in a row counts. */
const TIMES: Readonly<Record<string, readonly string[]>> = {
  quickbooks: ['MetaData.LastUpdatedTime'],
  slack: ['updated', 'edited.ts', 'ts'],
  mycarrierpackets: [
    'CompletedDate',
    'ChangeDateTime',
    'LastModifiedDate',
    'UpdatedDateTime',
    'CreatedDate',
    'CreatedDateTime',
  ],
};

const UNKNOWN = { x_unknown: { nested: [1] } };

const providers = BUILT_IN.map((provider) => [provider.id, provider] as const);

test.each(providers)('every stream of %s has a sample with rows, and every sample has a source', (_id, provider) => {
  const samples = samplesOf(provider);
  const covered = new Set(samples.filter((sample) => rowsIn(sample).length > 0).map(({ entity }) => entity));
  expect(provider.streams.map(({ name }) => name).filter((name) => !covered.has(name))).toEqual([]);
  const unnamed = [...samples, ...faultsOf(provider)].filter(({ source }) => !/\w{3}/.test(source ?? ''));
  expect(unnamed.map(({ file }) => file)).toEqual([]);
});

describe.each(readings.map((reading) => [reading.file, reading] as const))('the answer %s', (_file, reading) => {
  const { provider, sample } = reading;
  const rows = rowsIn(sample);

  test('is no fault', () => {
    expect(provider.classify(answer(200, sample.body, { ...sample.headers }))).toBeUndefined();
  });

  test('gives a record for each row, with everything in it and its time of change', () => {
    const { records, rejected } = readSample(reading);
    expect(rejected).toEqual([]);
    expect(records.length).toBe(rows.length);
    for (const [index, record] of records.entries()) {
      expectAll(record, rows[index]);
      expectTime(record, timeOf(provider.id, rows[index]));
    }
    expect(new Set(records.map(({ id }) => id)).size).toBe(new Set(rows.map((row) => JSON.stringify(row))).size);
  });

  test('gives the same records where rows have fields that nobody knew of, and keeps those', () => {
    const grown = rows.map((row) => (isObject(row) ? { ...row, ...UNKNOWN } : row));
    const body = rows.length > 0 ? withRows(sample, grown) : sample.body;
    const { records, rejected } = readSample(reading, body);
    expect(rejected).toEqual([]);
    expect(records.map(({ id }) => id)).toEqual(readSample(reading).records.map(({ id }) => id));
    for (const [index, record] of records.entries()) expectAll(record, grown[index]);
  });
});

describe.each(providers)('what %s answers when something fails', (_id, provider) => {
  test.each(faultsOf(provider).map((fault) => [fault.file, fault] as const))('is seen in %s', (_file, fault) => {
    const seen = provider.classify(answer(fault.status, fault.body, { ...fault.headers }));
    if (fault.expected === null) return expect(seen).toBeUndefined();
    expect({ ...seen, code: seen?.code ?? null }).toMatchObject(fault.expected);
    expect(seen?.message).toMatch(/\w{3}/);
  });
});

/** All of a row stands in the data of its record: the members of an object, or the value itself. */
function expectAll({ id, data }: StreamRecord, row: unknown): void {
  expect(id).toMatch(/\S/);
  if (isObject(row)) expect(data).toMatchObject(row);
  else expect(Object.values(data as object)).toContain(row);
}

/** Up to a second: digits behind it may be cut. */
function expectTime({ updatedAt }: StreamRecord, expected: number | undefined): void {
  if (expected === undefined) {
    expect(updatedAt).toBeUndefined();
    return;
  }
  expect(expected).toBeGreaterThan(Date.UTC(2005, 0));
  expect(expected).toBeLessThan(Date.UTC(2100, 0));
  expect(Math.abs((updatedAt ?? 0) - expected)).toBeLessThan(1000);
}

/** Reads what the parsers read by other means; 0 and null stand for a time that is not known. */
function timeOf(provider: string, row: unknown): number | undefined {
  const values = (TIMES[provider] ?? []).map((path) => at(row, path));
  const value = values.find((found) => found !== undefined && found !== null);
  if (typeof value === 'number') return value === 0 ? undefined : value < 1e11 ? value * 1000 : value;
  if (typeof value !== 'string') return undefined;
  if (/^\d{10}\.\d{6}$/.test(value)) return Number(value) * 1000;
  return Date.parse(/Z$|[+-]\d\d:\d\d$/.test(value) ? value : `${value}Z`);
}

function at(row: unknown, path: string): unknown {
  return path.split('.').reduce((value, name) => (isObject(value) ? value[name] : undefined), row);
}
