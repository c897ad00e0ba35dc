import { LwiError } from '../../src/errors.ts';
import { didYouMean } from '../../src/providers/nearest-name.ts';
import { parseSpan } from '../../src/span.ts';
import { parseSince } from '../../src/sync/since.ts';

/** As they stand on the command line. */
export interface SyncOptions {
  readonly since: string;
  readonly entity?: readonly string[];
  readonly full?: boolean;
  readonly limit?: string;
  readonly lag?: string;
  readonly dryRun?: boolean;
  readonly output: string;
  readonly state?: string;
  readonly watch?: boolean;
  readonly interval?: string;
  readonly queue?: boolean;
}

/** Values of `--output`. */
export const FORMATS = ['table', 'json', 'jsonl', 'singer'] as const;
export type SyncFormat = (typeof FORMATS)[number];

export interface SyncWish {
  /** ms since the epoch. */
  readonly since: number | undefined;
  readonly entities: readonly string[] | undefined;
  readonly full: boolean;
  readonly limit: number | undefined;
  readonly lagMs: number | undefined;
  readonly dryRun: boolean;
  readonly format: SyncFormat;
  /** Path of a Singer STATE. */
  readonly state: string | undefined;
}

/** Reads the options of `lwi sync`. Throws USAGE for what cannot be read, and for what contradicts itself. */
export function readSyncOptions(options: SyncOptions, { now, json }: { now: number; json: boolean }): SyncWish {
  const { full = false, dryRun = false, entity: entities, state, output } = options;
  const since = parseSince(options.since, now);
  const format = FORMATS.find((each) => each === output);
  if (!format)
    throw new LwiError(
      'USAGE',
      `--output is one of ${FORMATS.join(', ')}, not "${output}".${didYouMean(output, FORMATS)}`,
    );
  refuse(full && since !== undefined, '--full reads everything: leave out --since.');
  refuse(state !== undefined && format !== 'singer', '--state goes with --output singer.');
  refuse(
    state !== undefined && (full || since !== undefined),
    '--state says where to go on: leave out --full and --since.',
  );
  refuse(dryRun && (format === 'jsonl' || format === 'singer'), '--dry-run has no records to give.');
  refuse(
    json && format !== 'table' && format !== 'json',
    '--json is one document: leave it out, or take --output json.',
  );
  return {
    ...{ since, entities, full, dryRun, state, limit: readLimit(options.limit) },
    lagMs: options.lag === undefined ? undefined : parseSpan(options.lag, '--lag'),
    format: json ? 'json' : format,
  };
}

function readLimit(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new LwiError('USAGE', `--limit is a number of records from 1 up, not "${text}".`);
}

function refuse(when: boolean, message: string): void {
  if (when) throw new LwiError('USAGE', message);
}
