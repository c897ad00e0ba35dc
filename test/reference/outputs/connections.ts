import { error } from './errors.ts';
import {
  account,
  anything,
  document,
  environment,
  flag,
  list,
  map,
  maybe,
  ms,
  number,
  type Output,
  object,
  oneOf,
  provider,
  text,
  texts,
  time,
  whole,
} from './words.ts';

const health = oneOf(['valid', 'due', 'expired', 'reconnect'], 'state of the token');
const externalId = maybe(text("the provider's id of the company or workspace"));
const externalName = maybe(text('its name'));
const scopes = texts('scopes that were granted');
const expiresAt = maybe(time('when the access token expires; absent: never'));
const refreshExpiresAt = maybe(time('when the refresh token ends if it is not used'));
const refreshHardExpiresAt = maybe(time('when the refresh token ends whatever happens'));
const refreshDueAt = maybe(time('when it is refreshed ahead of need'));
const refreshCount = whole('refreshes so far');

const statusRow = object({
  ...{ provider, account, env: environment, externalId, externalName, health },
  ...{ expiresAt, refreshExpiresAt, refreshHardExpiresAt },
  lastSyncAt: maybe(time('when the last sync ended')),
  lastSyncOutcome: maybe(text('how it ended: `done`, or what went wrong')),
  records: whole('live records in the local store'),
  waitingWebhooks: whole('events that wait to be applied or forwarded'),
  failedWebhooks: whole('events that could not be'),
  circuit: oneOf(['closed', 'open', 'half-open'], "state of the provider's circuit"),
  rateLeft: maybe(
    object(
      {
        limit: text('name of the limit'),
        left: whole('requests left in its window'),
        of: whole('requests that the window allows'),
        nextInMs: ms('until the next request may go'),
      },
      'the tightest limit; absent: nothing was sent yet',
    ),
  ),
  endpointsOverridden: flag('whether the config points the provider elsewhere'),
});

const inspected = object({
  ...{ provider, account, env: environment },
  variant: maybe(text('kind of the connection (`connect --as`)')),
  ...{ externalId, externalName },
  externalUserId: maybe(text("the provider's id of the user")),
  health,
  stateReason: maybe(text('why it must be connected again')),
  issuedAt: time('when the access token was issued'),
  expiresAt,
  lifetimeUsed: maybe(number('share of its lifetime that has passed, 0 to 1')),
  ...{ refreshDueAt, refreshExpiresAt, refreshHardExpiresAt, refreshCount },
  lastRefresh: maybe(
    object(
      {
        at: time('when it was tried'),
        outcome: oneOf(['refreshed', 'reconnect', 'failed'], 'what came of it'),
        detail: maybe(text('why it failed')),
        failures: whole('failures in a row'),
      },
      'absent: never',
    ),
  ),
  rotation: maybe(
    object(
      { startedAt: time('when it was begun'), owner: text('process that began it') },
      'a refresh that was begun and of which no end is known',
    ),
  ),
  scopes,
  tokenType: maybe(text('`Bearer`, or as the provider calls it')),
  fingerprint: text("first 12 hex digits of the access token's SHA-256"),
  refreshFingerprint: maybe(text('the same of the refresh token')),
  keySource: text('where the key comes from'),
  credentialsSource: text('where a refresh takes the credentials of the app from'),
  claims: maybe(map(anything('a claim'), 'decoded claims of the ID token, or of an access token that is a JWT')),
});

/** Commands about connections and their tokens. */
export const CONNECTION_OUTPUTS: Readonly<Record<string, readonly Output[]>> = {
  connect: [
    document(
      'when it is connected',
      object({ provider, account, env: environment, externalId, externalName, scopes, expiresAt, refreshExpiresAt }),
    ),
  ],
  disconnect: [
    document(
      'when it is disconnected',
      object({
        ...{ provider, account, disconnected: flag('true') },
        remote: oneOf(['revoked', 'kept', 'not-offered', 'failed'], 'what happened to the grant at the provider'),
        kept: object(
          { records: whole('synced records'), secrets: texts('names of secrets in the vault') },
          'what stays here',
        ),
      }),
    ),
  ],
  status: [document('always', list(statusRow, 'a row for each connection'))],
  'token list': [
    document(
      'always',
      list(
        object({
          ...{ provider, account, env: environment, health, expiresAt },
          ...{ refreshDueAt, refreshExpiresAt, refreshHardExpiresAt, refreshCount, scopes },
        }),
        'a row for each connection',
      ),
    ),
  ],
  'token inspect': [document('always', inspected)],
  'token refresh': [
    document(
      'always',
      list(
        object({
          ...{ provider, account },
          outcome: oneOf(
            ['refreshed', 'fresh', 'joined', 'reconnect', 'failed'],
            'what came of it; `fresh`: it was not due; `joined`: another process did it',
          ),
          expiresAt,
          error: maybe(error),
        }),
        'a row for each connection',
      ),
    ),
  ],
  'token get': [document('always', object({ provider, account, accessToken: text('the access token itself') }))],
};
