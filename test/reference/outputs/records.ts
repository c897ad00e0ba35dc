import { error } from './errors.ts';
import {
  account,
  anything,
  document,
  flag,
  lines,
  list,
  map,
  maybe,
  ms,
  number,
  type Output,
  object,
  oneOf,
  orNull,
  provider,
  text,
  texts,
  time,
  whole,
  word,
} from './words.ts';

const entity = text('kind of the records');
const coverage = texts('sentences about what this source could not see');

/** What became of one entity. */
const entityReport = object({
  entity,
  upserted: whole('records that are new or have changed'),
  unchanged: whole('records that came and were here already'),
  deleted: whole('records that are gone; they stay as tombstones'),
  pages: whole('pages that were read'),
  requests: whole('requests that were sent'),
  throttledMs: ms('waiting for a rate limit'),
  retries: whole('repeats'),
  rejected: whole('rows that could not be read and were set aside'),
  cursor: orNull(time('the time'), 'the local store reaches up to this time; null: it does not yet'),
  coverage,
  error: maybe(error),
});

/** A run of one connection. */
const report = object({
  ...{ provider, account, entities: list(entityReport, 'each entity') },
  startedAt: time('when it began'),
  finishedAt: time('when it ended'),
});

/** The same among several, where one may not have been synced at all. */
const reportOrError = object({
  ...{ provider, account, entities: list(entityReport, 'each entity; empty where nothing could be asked') },
  startedAt: maybe(time('when it began')),
  finishedAt: maybe(time('when it ended')),
  error: maybe(error),
});

const cost = object({
  ...{ provider, account, dryRun: word(true, 'nothing was stored') },
  entities: list(
    object({
      entity,
      records: orNull(whole('records'), 'records of the window; null: nobody knows'),
      requests: whole('requests that the whole would take'),
      atLeast: flag('more pages follow, and nobody knows how many'),
      durationMs: ms('how long they take at the limits of the provider'),
      coverage,
      error: maybe(error),
    }),
    'each entity',
  ),
  requests: whole('requests of all'),
  durationMs: ms('how long all take'),
  monthlyQuota: maybe(
    object(
      {
        plan: text('plan of the provider'),
        calls: whole('calls that it includes each month'),
        share: number('part of them that this sync would take, 0 to 1 and beyond'),
      },
      'absent: the provider does not meter calls',
    ),
  ),
});

/** One poll of `sync --watch` and `serve`. */
export const pollLine = object({
  ...{ type: word('poll', 'kind of the line'), provider, account },
  outcome: oneOf(['done', 'failed', 'busy'], '`busy`: somebody else was syncing it'),
  startedAt: maybe(time('when it began')),
  finishedAt: time('when it ended'),
  entities: list(entityReport, 'each entity'),
  error: maybe(error),
  nextAt: time('when the next one is due'),
});

const company = text("the provider's id of the company; empty where it has none");
const record = object({
  ...{ provider, account, externalId: company, entity, id: text("the provider's id of the record") },
  updatedAt: maybe(time('when it was last changed at the provider')),
  deleted: flag('whether it is gone'),
  absent: maybe(word(true, 'it is gone without a word: a full read did not find it')),
  storedAt: time('when it was stored here'),
  data: anything('the record as the provider sent it'),
});
const setAside = object({
  ...{ provider, account, externalId: company, entity, reason: text('why it could not be read') },
  request: maybe(map(anything('a part of it'), 'the request that brought it: method, path, query')),
  setAsideAt: time('when that was'),
  data: anything('the row as the provider sent it'),
});

/** Commands that pull and read records. */
export const RECORD_OUTPUTS: Readonly<Record<string, readonly Output[]>> = {
  sync: [
    document('with a provider', report),
    document('without a provider', list(reportOrError, 'a report for each connection')),
    document('with `--dry-run` and a provider', cost),
    document('with `--dry-run` and no provider', list(cost, 'one for each connection')),
    lines('with `--watch`', pollLine),
    lines(
      'with `--output jsonl`, which goes without `--json`',
      object({
        ...{ provider, account, entity, id: text("the provider's id of the record") },
        updatedAt: orNull(time('the time'), 'when it was last changed at the provider; null: it does not say'),
        deleted: flag('whether it is gone'),
        absent: maybe(word(true, 'it is gone without a word: a full read did not find it')),
        data: anything('the record as the provider sent it'),
      }),
    ),
  ],
  'records list': [lines('always', record), lines('with `--set-aside`', setAside)],
  'records get': [document('always', record)],
  'records export': [
    lines('without `-o`', record),
    lines('with `--set-aside` and without `-o`', setAside),
    document(
      'with `-o <file>`',
      object({
        file: text('path of the file'),
        format: oneOf(['jsonl', 'csv'], 'its form'),
        rows: whole('rows in it'),
      }),
    ),
  ],
  'records count': [
    document(
      'always',
      list(
        object({
          ...{ provider, account, externalId: company, entity },
          live: whole('records that are there'),
          deleted: whole('records that are gone'),
          setAside: whole('rows that could not be read'),
          newest: maybe(time('last change of any of them at the provider')),
        }),
        'a row for each entity',
      ),
    ),
  ],
};
