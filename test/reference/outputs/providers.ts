import { FACTORS } from '../../../src/providers/decision.ts';
import { entities, environments, grant, rule, source, title, webhook } from './provider-words.ts';
import {
  document,
  either,
  flag,
  list,
  map,
  maybe,
  ms,
  type Output,
  object,
  oneOf,
  provider,
  text,
  texts,
  word,
} from './words.ts';

const endpoints = object(
  {
    authorizationEndpoint: maybe(text('authorization endpoint')),
    tokenEndpoint: maybe(text('token endpoint')),
    revocationEndpoint: maybe(text('revocation endpoint')),
    deviceAuthorizationEndpoint: maybe(text('device authorization endpoint')),
    issuer: maybe(text('issuer, for discovery')),
    apiBaseUrl: text('base URL of the API'),
  },
  'endpoints of the environment',
);

const shown = object({
  ...{ id: provider, title, grant, pkce: flag('whether PKCE is used') },
  clientAuthentication: oneOf(['basic', 'body', 'none', 'omitted'], 'how the app proves who it is'),
  scopes: texts('scopes that are asked for'),
  variants: texts('kinds of connection, for `connect --as`'),
  redirectUri: text('redirect URI that is used when none is given'),
  httpsRedirectOnlyIn: texts('environments that take no loopback redirect'),
  endpoints: map(endpoints, 'by environment'),
  probe: text('path that proves that a token works'),
  limits: list(object(rule), 'each limit'),
  entities: list(
    object({
      name: text('kind of the records'),
      overlapMs: ms('how far a window reaches back behind the cursor'),
      minIntervalMs: ms('shortest time between two runs'),
      resumable: flag('whether an interrupted run goes on at its page'),
    }),
    'each entity',
  ),
  webhook: maybe(
    object(
      {
        scheme: text('name of the scheme'),
        header: text('header with the signature'),
        toleranceMs: ms('how far the signed time may be off'),
        delivery: maybe(
          object(
            {
              answerWithinMs: maybe(ms('a later answer counts as a failure')),
              retriesForMs: maybe(either(ms('how long it tries again'), word('unlimited', 'it does not stop'))),
              ordered: maybe(flag('whether events come in order')),
              covers: maybe(texts('entities that have events')),
              source: text('where that is written'),
            },
            'what the provider promises',
          ),
        ),
      },
      'absent: it has no webhooks',
    ),
  ),
  sync: object(
    {
      advice: oneOf(['both', 'polling', 'webhooks'], 'how it is best kept in sync'),
      because: text('one sentence'),
      matrix: list(
        object({
          factor: oneOf(FACTORS, 'what is weighed'),
          favours: oneOf(['webhooks', 'polling', 'either'], 'what it speaks for'),
          why: text('one sentence'),
        }),
        'every factor',
      ),
    },
    'webhooks, polling or both',
  ),
});

/** Commands about providers. */
export const PROVIDER_OUTPUTS: Readonly<Record<string, readonly Output[]>> = {
  'provider list': [
    document(
      'always',
      list(object({ id: provider, title, source, grant, environments, entities, webhook }), 'each provider'),
    ),
  ],
  'provider show': [document('always', shown)],
  'provider add': [document('when it is added', object({ provider, config: text('path of the config') }))],
};
