import { randomText, type SampleFacts, type WebhookSamples } from '../webhook-samples.ts';
import { INNER_EVENTS, type Parts, USER } from './sample-inner-events.ts';

/** The verification token of old, which nobody should look at any more. */
const TOKEN = 'made-up-verification-token';
const APP = 'A00000001';
const CAPITALS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const LETTERS = `${CAPITALS}abcdefghijklmnopqrstuvwxyz`;

type Body = Readonly<Record<string, unknown>>;

/** What is no `event_callback`: docs.slack.dev, url_verification and app_rate_limited. */
const BARE: Readonly<Record<string, { readonly about: string; make(parts: Parts): Body }>> = {
  url_verification: {
    about: 'Slack tries the address; the answer is the challenge',
    make: ({ random }) => ({ token: TOKEN, challenge: randomText(random, 52, LETTERS), type: 'url_verification' }),
  },
  app_rate_limited: {
    about: 'the events of a minute were lost: over 30,000 an hour',
    make: ({ team, seconds }) => ({
      ...{ token: TOKEN, team_id: team, type: 'app_rate_limited' },
      ...{ minute_rate_limited: seconds - (seconds % 60), api_app_id: APP },
    }),
  },
};

/** Deliveries of the Events API (docs.slack.dev/apis/events-api), with the headers that Slack sends beside the signature. */
export const samples: WebhookSamples = {
  events: [...Object.entries(INNER_EVENTS), ...Object.entries(BARE)].map(([event, { about }]) => ({ event, about })),
  make(event, facts) {
    const bare = Object.hasOwn(BARE, event) ? BARE[event] : undefined;
    const body = bare ? bare.make(partsOf(facts)) : callback(event, facts);
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
      accept: '*/*',
    };
    return body && { headers, body };
  },
};

function partsOf({ now, random, externalId }: SampleFacts): Parts {
  const seconds = Math.floor(now / 1000);
  const fraction = () => randomText(random, 6, '0123456789');
  // An installation for a whole organization is known by the organization's id; its events still name a workspace.
  const team = externalId?.startsWith('T') ? externalId : 'T00000001';
  return { team, seconds, random, ts: `${seconds}.${fraction()}`, earlier: `${seconds - 300}.${fraction()}` };
}

function callback(name: string, facts: SampleFacts): Body | undefined {
  const inner = Object.hasOwn(INNER_EVENTS, name) ? INNER_EVENTS[name] : undefined;
  if (!inner) return undefined;
  const parts = partsOf(facts);
  const { team, random, seconds, ts } = parts;
  const organization = facts.externalId?.startsWith('E') ? facts.externalId : undefined;
  const installed = { is_bot: true, is_enterprise_install: organization !== undefined };
  return {
    ...{ token: TOKEN, team_id: team },
    ...(organization === undefined ? {} : { enterprise_id: organization }),
    api_app_id: APP,
    event: { type: inner.type ?? name, ...inner.make(parts), event_ts: ts },
    type: 'event_callback',
    event_id: `Ev${randomText(random, 9, CAPITALS)}`,
    event_time: seconds,
    authorizations: [{ enterprise_id: organization ?? null, team_id: team, user_id: USER, ...installed }],
    is_ext_shared_channel: false,
    event_context: `4-${randomText(random, 40, LETTERS)}`,
  };
}
