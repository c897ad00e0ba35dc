import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { formatBytes } from '../byte-size.ts';
import { LwiError } from '../errors.ts';
import { findJsonError } from '../json-error.ts';
import { asArray, asObject, asText, isObject } from '../providers/json-value.ts';
import { errorRecord, type Invalid } from './error-record.ts';
import type { Exchange } from './exchange.ts';
import { fromHarEntry } from './from-har-entry.ts';
import type { ErrorRecord, TapeEvent } from './har.ts';

/** A HAR file as a replay needs it. */
export interface Recording {
  readonly path: string;
  /** In the order of the file. */
  readonly exchanges: readonly Exchange[];
  /** What lwi wrote beyond HAR; absent in files of browsers and other tools. */
  readonly run?: RecordedRun;
}

export interface RecordedRun {
  /** ms since the epoch. */
  readonly startedAt: number;
  readonly events: readonly TapeEvent[];
  readonly stopped?: ErrorRecord;
}

/** Largest file that is read, bytes: it is held in memory, and a text in JavaScript ends at 512 MiB. */
export const LARGEST_REPLAYED = 256 * 1024 * 1024;

/** Reads and checks a HAR file (1.1, 1.2 or the 1.3 draft). Throws INPUT_INVALID naming the place in it. */
export function readHar(path: string): Recording {
  const invalid = (what: string) => new LwiError('INPUT_INVALID', `${path}: ${what}`);
  const log = asObject(asObject(parsed(textOf(path, invalid), invalid))['log']);
  if (!Array.isArray(log['entries'])) throw invalid('is no HTTP archive: log.entries is missing');
  const exchanges = log['entries'].map((entry, at) => fromHarEntry(entry, `log.entries[${at}]`, invalid));
  if (log['_lwi'] === undefined) return { path, exchanges };
  const { version, startedAt } = asObject(log['_lwi']);
  if (version !== 1) throw invalid('was recorded by another version of lwi (log._lwi.version is not 1)');
  const start = Date.parse(asText(startedAt) ?? '');
  if (Number.isNaN(start)) throw invalid('log._lwi.startedAt is no time');
  const end = asObject(log['_lwiEnd']);
  const events = [
    ...log['entries'].flatMap((entry) => asArray(asObject(asObject(entry)['_lwi'])['before'])),
    ...asArray(end['after']),
  ].map((event) => tapeEvent(event, invalid));
  const stopped =
    end['stopped'] === undefined ? undefined : errorRecord(end['stopped'], 'log._lwiEnd.stopped', invalid);
  return { path, exchanges, run: { startedAt: start, events, ...(stopped ? { stopped } : {}) } };
}

function tapeEvent(value: unknown, invalid: Invalid): TapeEvent {
  if (!isObject(value) || typeof value['ask'] !== 'string') throw invalid('an event of log._lwi has no question');
  const { ask, error } = value;
  return {
    ask,
    ...('value' in value ? { value: value['value'] } : {}),
    ...(error === undefined ? {} : { error: errorRecord(error, `the answer to "${ask}"`, invalid) }),
  };
}

/** Neither waits for the other end of a pipe nor reads a device. */
function textOf(path: string, invalid: Invalid): string {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw invalid('is not a regular file');
    if (stat.size > LARGEST_REPLAYED) throw invalid(`is larger than ${formatBytes(LARGEST_REPLAYED)}`);
    return readFileSync(descriptor, 'utf8');
  } catch (error) {
    if (error instanceof LwiError) throw error;
    throw invalid(`cannot be read (${error instanceof Error && 'code' in error ? error.code : 'unknown reason'})`);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** The specification lets tools write a byte order mark, and wants readers to pass over it. */
function parsed(text: string, invalid: Invalid): unknown {
  const plain = text.replace(/^\uFEFF/, '');
  try {
    return JSON.parse(plain);
  } catch {
    const found = findJsonError(plain);
    if (!found) throw invalid('is no JSON');
    throw invalid(`line ${found.line}, column ${found.column}: expected ${found.expected}`);
  }
}
