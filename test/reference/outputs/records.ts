import { error } from './errors.ts';
import { queued } from './jobs.ts';
import * as w from './words.ts';

const entity = w.text('kind of the records');
const coverage = w.texts('sentences about what this source could not see');

/** What became of one entity. */
const entityReport = w.object({
  entity,
  upserted: w.whole('records that are new or have changed'),
  unchanged: w.whole('records that came and were here already'),
  deleted: w.whole('records that are gone; they stay as tombstones'),
  pages: w.whole('pages that were read'),
  requests: w.whole('requests that were sent'),
  throttledMs: w.ms('waiting for a rate limit'),
  retries: w.whole('repeats'),
  rejected: w.whole('rows that could not be read and were set aside'),
  cursor: w.orNull(w.time('the time'), 'the local store reaches up to this time; null: it does not yet'),
  coverage,
  error: w.maybe(error),
});

/** A run of one connection. */
const report = w.object({
  ...{ provider: w.provider, account: w.account, entities: w.list(entityReport, 'each entity') },
  startedAt: w.time('when it began'),
  finishedAt: w.time('when it ended'),
});

/** The same among several, where one may not have been synced at all. */
const reportOrError = w.object({
  ...{
    provider: w.provider,
    account: w.account,
    entities: w.list(entityReport, 'each entity; empty where nothing could be asked'),
  },
  startedAt: w.maybe(w.time('when it began')),
  finishedAt: w.maybe(w.time('when it ended')),
  error: w.maybe(error),
});

const cost = w.object({
  ...{ provider: w.provider, account: w.account, dryRun: w.word(true, 'nothing was stored') },
  entities: w.list(
    w.object({
      entity,
      records: w.orNull(w.whole('records'), 'records of the window; null: nobody knows'),
      requests: w.whole('requests that the whole would take'),
      atLeast: w.flag('more pages follow, and nobody knows how many'),
      durationMs: w.ms('how long they take at the limits of the provider'),
      coverage,
      error: w.maybe(error),
    }),
    'each entity',
  ),
  requests: w.whole('requests of all'),
  durationMs: w.ms('how long all take'),
  monthlyQuota: w.maybe(
    w.object(
      {
        plan: w.text('plan of the provider'),
        calls: w.whole('calls that it includes each month'),
        share: w.number('part of them that this sync would take, 0 to 1 and beyond'),
      },
      'absent: the provider does not meter calls',
    ),
  ),
});

/** One poll of `sync --watch` and `serve`. */
export const pollLine = w.object({
  ...{ type: w.word('poll', 'kind of the line'), provider: w.provider, account: w.account },
  outcome: w.oneOf(['done', 'failed', 'busy'], '`busy`: somebody else was syncing it'),
  startedAt: w.maybe(w.time('when it began')),
  finishedAt: w.time('when it ended'),
  entities: w.list(entityReport, 'each entity'),
  error: w.maybe(error),
  nextAt: w.time('when the next one is due'),
});

const company = w.text("the provider's id of the company; empty where it has none");
const record = w.object({
  ...{
    provider: w.provider,
    account: w.account,
    externalId: company,
    entity,
    id: w.text("the provider's id of the record"),
  },
  updatedAt: w.maybe(w.time('when it was last changed at the provider')),
  deleted: w.flag('whether it is gone'),
  absent: w.maybe(w.word(true, 'it is gone without a word: a full read did not find it')),
  storedAt: w.time('when it was stored here'),
  data: w.anything('the record as the provider sent it'),
});
const setAside = w.object({
  ...{
    provider: w.provider,
    account: w.account,
    externalId: company,
    entity,
    reason: w.text('why it could not be read'),
  },
  request: w.maybe(w.map(w.anything('a part of it'), 'the request that brought it: method, path, query')),
  setAsideAt: w.time('when that was'),
  data: w.anything('the row as the provider sent it'),
});

/** Commands that pull and read records. */
export const RECORD_OUTPUTS: Readonly<Record<string, readonly w.Output[]>> = {
  sync: [
    w.document('with a provider', report),
    w.document('without a provider', w.list(reportOrError, 'a report for each connection')),
    w.document('with `--dry-run` and a provider', cost),
    w.document('with `--dry-run` and no provider', w.list(cost, 'one for each connection')),
    w.lines('with `--watch`', pollLine),
    w.document('with `--queue`', queued),
    w.lines(
      'with `--output jsonl`, which goes without `--json`',
      w.object({
        ...{ provider: w.provider, account: w.account, entity, id: w.text("the provider's id of the record") },
        updatedAt: w.orNull(w.time('the time'), 'when it was last changed at the provider; null: it does not say'),
        deleted: w.flag('whether it is gone'),
        absent: w.maybe(w.word(true, 'it is gone without a word: a full read did not find it')),
        data: w.anything('the record as the provider sent it'),
      }),
    ),
  ],
  'records list': [w.lines('always', record), w.lines('with `--set-aside`', setAside)],
  'records get': [w.document('always', record)],
  'records export': [
    w.lines('without `-o`', record),
    w.lines('with `--set-aside` and without `-o`', setAside),
    w.document(
      'with `-o <file>`',
      w.object({
        file: w.text('path of the file'),
        format: w.oneOf(['jsonl', 'csv'], 'its form'),
        rows: w.whole('rows in it'),
      }),
    ),
  ],
  'records count': [
    w.document(
      'always',
      w.list(
        w.object({
          ...{ provider: w.provider, account: w.account, externalId: company, entity },
          live: w.whole('records that are there'),
          deleted: w.whole('records that are gone'),
          setAside: w.whole('rows that could not be read'),
          newest: w.maybe(w.time('last change of any of them at the provider')),
        }),
        'a row for each entity',
      ),
    ),
  ],
};
