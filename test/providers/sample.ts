import { readdirSync, readFileSync } from 'node:fs';
import type { Provider } from '../../src/providers/provider.ts';
import { BUILT_IN } from '../../src/providers/registry.ts';
import type { Page, PageRequest, Stream } from '../../src/providers/stream.ts';
import { read, windowFrom } from './support.ts';

const FOLDER = new URL('../fixtures/samples/', import.meta.url);

/** An answer in a shape that was found in public material; every value that was personal or free text is invented. */
export interface Sample {
  /** `slack/users.json`. */
  readonly file: string;
  /** Repository, path and licence of what shows the shape. */
  readonly source: string;
  /** Name of the stream that reads it. */
  readonly entity: string;
  readonly request: Pick<PageRequest, 'path' | 'query'> & Partial<PageRequest>;
  /** Dotted path to the rows, or to the one row of a lookup; `''`: the body is the list. Absent: the answer holds no rows of this stream. */
  readonly rows?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** An answer that says that something failed. */
export interface FaultSample extends Pick<Sample, 'file' | 'source' | 'headers' | 'body'> {
  readonly status: number;
  /** What the provider must make of it (a `code` that is null: the status decides); null: nothing at all. */
  readonly expected: Readonly<Record<string, unknown>> | null;
}

/** The good answers of a provider. Throws when it has none. */
export function samplesOf(provider: Provider): readonly Sample[] {
  return filesIn<Sample>(provider.id);
}

/** The faulty answers of a provider. Throws when it has none. */
export function faultsOf(provider: Provider): readonly FaultSample[] {
  return filesIn<FaultSample>(`${provider.id}/faults`);
}

function filesIn<T extends { readonly file: string }>(folder: string): readonly T[] {
  const names = readdirSync(new URL(`${folder}/`, FOLDER)).filter((name) => name.endsWith('.json'));
  if (names.length === 0) throw new Error(`no samples in ${folder}`);
  return names.sort().map((name) => {
    const text = readFileSync(new URL(`${folder}/${name}`, FOLDER), 'utf8');
    return { ...(JSON.parse(text) as T), file: `${folder}/${name}` };
  });
}

/** A sample with the stream that reads it. */
export interface Reading {
  readonly file: string;
  readonly provider: Provider;
  readonly stream: Stream;
  readonly sample: Sample;
}

/** Every sample of a stream that there is, of all built-in providers. */
export const readings: readonly Reading[] = BUILT_IN.flatMap((provider) =>
  samplesOf(provider).flatMap((sample) => {
    const stream = provider.streams.find(({ name }) => name === sample.entity);
    return stream ? [{ file: sample.file, provider, stream, sample }] : [];
  }),
);

/** The page that the stream makes of the sample, or of another body in its place; the body goes through JSON, as an answer does. */
export function readSample({ stream, sample }: Reading, body: unknown = sample.body): Page {
  const request = { method: 'GET', ...sample.request };
  const answer: unknown = JSON.parse(JSON.stringify(body));
  return read(stream, request, windowFrom(), answer, { ...sample.headers });
}

/** The rows of a sample as they stand in it. */
export function rowsIn({ rows, body }: Sample): readonly unknown[] {
  const list = rows === undefined ? undefined : found(body, rows);
  if (list === undefined) return [];
  return Array.isArray(list) ? list : [list];
}

/** Whether a sample holds one row by itself, as the answer of a lookup does. */
export function isRow({ rows, body }: Sample): boolean {
  return rows !== undefined && !Array.isArray(found(body, rows)) && found(body, rows) !== undefined;
}

/** The body of a sample with other rows; where it holds one row by itself, the first of them. */
export function withRows({ rows = '', body }: Sample, others: readonly unknown[]): unknown {
  const replaced = (at: unknown, [step, ...left]: readonly string[]): unknown => {
    if (step === undefined) return Array.isArray(at) ? others : others[0];
    if (Array.isArray(at)) return at.map((item, index) => (String(index) === step ? replaced(item, left) : item));
    return { ...(at as object), [step]: replaced(member(at, step), left) };
  };
  return replaced(body, stepsOf(rows));
}

function found(body: unknown, path: string): unknown {
  return stepsOf(path).reduce((at, step) => member(at, step), body);
}

function stepsOf(path: string): readonly string[] {
  return path === '' ? [] : path.split('.');
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
