import { FACTORS } from '../../../src/providers/decision.ts';
import { entities, environments, grant, rule, source, title, webhook } from './provider-words.ts';
import * as w from './words.ts';

const endpoints = w.object(
  {
    authorizationEndpoint: w.maybe(w.text('authorization endpoint')),
    tokenEndpoint: w.maybe(w.text('token endpoint')),
    revocationEndpoint: w.maybe(w.text('revocation endpoint')),
    deviceAuthorizationEndpoint: w.maybe(w.text('device authorization endpoint')),
    issuer: w.maybe(w.text('issuer, for discovery')),
    apiBaseUrl: w.text('base URL of the API'),
  },
  'endpoints of the environment',
);

const shown = w.object({
  ...{ id: w.provider, title, grant, pkce: w.flag('whether PKCE is used') },
  clientAuthentication: w.oneOf(['basic', 'body', 'none', 'omitted'], 'how the app proves who it is'),
  scopes: w.texts('scopes that are asked for'),
  variants: w.texts('kinds of connection, for `connect --as`'),
  redirectUri: w.text('redirect URI that is used when none is given'),
  httpsRedirectOnlyIn: w.texts('environments that take no loopback redirect'),
  endpoints: w.map(endpoints, 'by environment'),
  probe: w.text('path that proves that a token works'),
  limits: w.list(w.object(rule), 'each limit'),
  entities: w.list(
    w.object({
      name: w.text('kind of the records'),
      overlapMs: w.ms('how far a window reaches back behind the cursor'),
      minIntervalMs: w.ms('shortest time between two runs'),
      resumable: w.flag('whether an interrupted run goes on at its page'),
    }),
    'each entity',
  ),
  webhook: w.maybe(
    w.object(
      {
        scheme: w.text('name of the scheme'),
        header: w.text('header with the signature'),
        toleranceMs: w.ms('how far the signed time may be off'),
        delivery: w.maybe(
          w.object(
            {
              answerWithinMs: w.maybe(w.ms('a later answer counts as a failure')),
              retriesForMs: w.maybe(w.either(w.ms('how long it tries again'), w.word('unlimited', 'it does not stop'))),
              ordered: w.maybe(w.flag('whether events come in order')),
              covers: w.maybe(w.texts('entities that have events')),
              source: w.text('where that is written'),
            },
            'what the provider promises',
          ),
        ),
      },
      'absent: it has no webhooks',
    ),
  ),
  sync: w.object(
    {
      advice: w.oneOf(['both', 'polling', 'webhooks'], 'how it is best kept in sync'),
      because: w.text('one sentence'),
      matrix: w.list(
        w.object({
          factor: w.oneOf(FACTORS, 'what is weighed'),
          favours: w.oneOf(['webhooks', 'polling', 'either'], 'what it speaks for'),
          why: w.text('one sentence'),
        }),
        'every factor',
      ),
    },
    'webhooks, polling or both',
  ),
});

/** Commands about providers. */
export const PROVIDER_OUTPUTS: Readonly<Record<string, readonly w.Output[]>> = {
  'provider list': [
    w.document(
      'always',
      w.list(w.object({ id: w.provider, title, source, grant, environments, entities, webhook }), 'each provider'),
    ),
  ],
  'provider show': [w.document('always', shown)],
  'provider add': [
    w.document('when it is added', w.object({ provider: w.provider, config: w.text('path of the config') })),
  ],
};
