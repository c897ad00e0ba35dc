import { error } from './errors.ts';
import { jobKind } from './jobs.ts';
import * as w from './words.ts';

const health = w.oneOf(['valid', 'due', 'expired', 'reconnect'], 'state of the token');
const externalId = w.maybe(w.text("the provider's id of the company or workspace"));
const externalName = w.maybe(w.text('its name'));
const scopes = w.texts('scopes that were granted');
const expiresAt = w.maybe(w.time('when the access token expires; absent: never'));
const refreshExpiresAt = w.maybe(w.time('when the refresh token ends if it is not used'));
const refreshHardExpiresAt = w.maybe(w.time('when the refresh token ends whatever happens'));
const refreshDueAt = w.maybe(w.time('when it is refreshed ahead of need'));
const refreshCount = w.whole('refreshes so far');

const statusRow = w.object({
  ...{ provider: w.provider, account: w.account, env: w.environment, externalId, externalName, health },
  ...{ expiresAt, refreshExpiresAt, refreshHardExpiresAt },
  lastSyncAt: w.maybe(w.time('when the last sync ended')),
  lastSyncOutcome: w.maybe(w.text('how it ended: `done`, or what went wrong')),
  records: w.whole('live records in the local store'),
  waitingWebhooks: w.whole('events that wait to be applied or forwarded'),
  failedWebhooks: w.whole('events that could not be'),
  jobs: w.maybe(
    w.list(
      w.object({
        kind: jobKind,
        waiting: w.whole('jobs that are due, or were tried and will be again'),
        active: w.whole('jobs that somebody works on'),
        failed: w.whole('jobs that have failed for good, of the last 14 days'),
        oldestAt: w.maybe(w.time('when the oldest that waits or is worked on was made')),
      }),
      'work that `serve` on several machines shares, by its kind; empty: there is none. Absent: the store is a file',
    ),
  ),
  circuit: w.oneOf(['closed', 'open', 'half-open'], "state of the provider's circuit"),
  rateLeft: w.maybe(
    w.object(
      {
        limit: w.text('name of the limit'),
        left: w.whole('requests left in its window'),
        of: w.whole('requests that the window allows'),
        nextInMs: w.ms('until the next request may go'),
      },
      'the tightest limit; absent: nothing was sent yet',
    ),
  ),
  endpointsOverridden: w.flag('whether the config points the provider elsewhere'),
});

const inspected = w.object({
  ...{ provider: w.provider, account: w.account, env: w.environment },
  variant: w.maybe(w.text('kind of the connection (`connect --as`)')),
  ...{ externalId, externalName },
  externalUserId: w.maybe(w.text("the provider's id of the user")),
  health,
  stateReason: w.maybe(w.text('why it must be connected again')),
  issuedAt: w.time('when the access token was issued'),
  expiresAt,
  lifetimeUsed: w.maybe(w.number('share of its lifetime that has passed, 0 to 1')),
  ...{ refreshDueAt, refreshExpiresAt, refreshHardExpiresAt, refreshCount },
  lastRefresh: w.maybe(
    w.object(
      {
        at: w.time('when it was tried'),
        outcome: w.oneOf(['refreshed', 'reconnect', 'failed'], 'what came of it'),
        detail: w.maybe(w.text('why it failed')),
        failures: w.whole('failures in a row'),
      },
      'absent: never',
    ),
  ),
  rotation: w.maybe(
    w.object(
      { startedAt: w.time('when it was begun'), owner: w.text('process that began it') },
      'a refresh that was begun and of which no end is known',
    ),
  ),
  scopes,
  tokenType: w.maybe(w.text('`Bearer`, or as the provider calls it')),
  fingerprint: w.text("first 12 hex digits of the access token's SHA-256"),
  refreshFingerprint: w.maybe(w.text('the same of the refresh token')),
  keySource: w.text('where the key comes from'),
  credentialsSource: w.text('where a refresh takes the credentials of the app from'),
  claims: w.maybe(w.map(w.anything('a claim'), 'decoded claims of the ID token, or of an access token that is a JWT')),
});

/** Commands about connections and their tokens. */
export const CONNECTION_OUTPUTS: Readonly<Record<string, readonly w.Output[]>> = {
  connect: [
    w.document(
      'when it is connected',
      w.object({
        provider: w.provider,
        account: w.account,
        env: w.environment,
        externalId,
        externalName,
        scopes,
        expiresAt,
        refreshExpiresAt,
      }),
    ),
  ],
  disconnect: [
    w.document(
      'when it is disconnected',
      w.object({
        ...{ provider: w.provider, account: w.account, disconnected: w.flag('true') },
        remote: w.oneOf(['revoked', 'kept', 'not-offered', 'failed'], 'what happened to the grant at the provider'),
        kept: w.object(
          { records: w.whole('synced records'), secrets: w.texts('names of secrets in the vault') },
          'what stays here',
        ),
      }),
    ),
  ],
  status: [w.document('always', w.list(statusRow, 'a row for each connection'))],
  'token list': [
    w.document(
      'always',
      w.list(
        w.object({
          ...{ provider: w.provider, account: w.account, env: w.environment, health, expiresAt },
          ...{ refreshDueAt, refreshExpiresAt, refreshHardExpiresAt, refreshCount, scopes },
        }),
        'a row for each connection',
      ),
    ),
  ],
  'token inspect': [w.document('always', inspected)],
  'token refresh': [
    w.document(
      'always',
      w.list(
        w.object({
          ...{ provider: w.provider, account: w.account },
          outcome: w.oneOf(
            ['refreshed', 'fresh', 'joined', 'reconnect', 'failed'],
            'what came of it; `fresh`: it was not due; `joined`: another process did it',
          ),
          expiresAt,
          error: w.maybe(error),
        }),
        'a row for each connection',
      ),
    ),
  ],
  'token get': [
    w.document(
      'always',
      w.object({ provider: w.provider, account: w.account, accessToken: w.text('the access token itself') }),
    ),
  ],
};
