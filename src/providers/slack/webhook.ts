import { PRESETS } from '../../webhooks/presets.ts';
import { asNumber, asObject, asText, defined, parseBytes } from '../json-value.ts';
import type { WebhookEvent, WebhookSettings } from '../webhook-settings.ts';
import { memberId } from './members.ts';
import { instantOfTs, messageId } from './message.ts';
import { samples } from './sample-events.ts';

/**
 * `v0=` and the hex HMAC-SHA256 of `v0:<timestamp>:<raw body>`, at most five minutes off in either direction.
 * Source: slackapi/bolt-js `src/receivers/verify-request.ts`, python-slack-sdk `slack_sdk/signature/__init__.py`.
 */
export const webhook: WebhookSettings = {
  scheme: PRESETS.slack,
  readEvents,
  samples,
  handshake,
  /** Events API page: 2xx within 3 s; tried again at once, after 1 and after 5 minutes. */
  delivery: {
    answerWithinMs: 3000,
    retriesForMs: 5 * 60_000,
    ordered: false,
    covers: ['users', 'channels', 'members', 'messages'],
    source: 'docs.slack.dev, Events API',
  },
};

/**
 * `url_verification` wants its challenge back and is signed like any event; `ssl_check` is a form post that only looks at the certificate, sent without a
 * signature. Source: docs.slack.dev url_verification; slackapi/bolt-js `src/receivers/HTTPModuleFunctions.ts`.
 */
function handshake(
  body: Uint8Array,
  headers: Readonly<Record<string, string>>,
  verified: boolean,
): Readonly<Record<string, string | boolean>> | undefined {
  if (/^application\/x-www-form-urlencoded\b/i.test(headers['content-type'] ?? '')) {
    // A form of that size is no check.
    if (body.length > 4096) return undefined;
    return new URLSearchParams(new TextDecoder().decode(body)).get('ssl_check') === '1' ? { ok: true } : undefined;
  }
  if (!verified) return undefined;
  const wrapper = asObject(parseBytes(body));
  const challenge = asText(wrapper['challenge']);
  return wrapper['type'] === 'url_verification' && challenge !== undefined ? { challenge } : undefined;
}

/**
 * `event_callback` wraps one event; `url_verification` and `app_rate_limited` stand for themselves. Form posts (`ssl_check`) and whatever else
 * cannot be read say nothing. Source: docs.slack.dev Events API.
 */
function readEvents(body: Uint8Array): readonly WebhookEvent[] {
  const wrapper = asObject(parseBytes(body));
  const type = asText(wrapper['type']);
  if (!type) return [];
  const event = asObject(wrapper['event']);
  const seconds = asNumber(wrapper['event_time']) ?? asNumber(wrapper['minute_rate_limited']);
  return [
    defined<WebhookEvent>({
      id: asText(wrapper['event_id']),
      type: type === 'event_callback' ? (asText(event['type']) ?? type) : type,
      externalId: asText(wrapper['team_id']) ?? asText(wrapper['enterprise_id']),
      ...subjectOf(event),
      // More than 30,000 events in an hour: those of that minute were dropped.
      gap: type === 'app_rate_limited' || undefined,
      occurredAt: seconds === undefined ? undefined : seconds * 1000,
    }),
  ];
}

type Subject = Pick<WebhookEvent, 'entity' | 'entityId' | 'deleted'>;

/** What an event is about, as a stream and the id of its record. */
function subjectOf(event: Readonly<Record<string, unknown>>): Partial<Subject> {
  const type = asText(event['type']) ?? '';
  if (type === 'message') return messageOf(event);
  const item = asObject(event['item']);
  if (/^reaction_/.test(type)) return item['type'] === 'message' ? messageOf(item) : {};
  if (/^member_(joined|left)_channel$/.test(type)) return membershipOf(event, type === 'member_left_channel');
  if (/^(team_join|user_change|user_profile_changed)$/.test(type)) {
    return named('users', asText(asObject(event['user'])['id']) ?? asText(event['user']));
  }
  if (/^(channel|group)_/.test(type)) {
    const id = asText(asObject(event['channel'])['id']) ?? asText(event['channel']);
    return { ...named('channels', id), ...(/_deleted$/.test(type) ? { deleted: true } : {}) };
  }
  return {};
}

/** Edits and deletions are messages about a message: they carry the ts of theirs beside their own. */
function messageOf(event: Readonly<Record<string, unknown>>): Partial<Subject> {
  const channel = asText(event['channel']);
  const message = asObject(event['message']);
  const deletedTs = asText(event['deleted_ts']);
  const ts = deletedTs ?? asText(message['ts']) ?? asText(event['ts']);
  if (channel === undefined || instantOfTs(ts) === undefined || ts === undefined) return { entity: 'messages' };
  // The first message of a thread is not removed but changed into a tombstone.
  const gone = deletedTs !== undefined || message['subtype'] === 'tombstone';
  return { ...named('messages', messageId(channel, ts)), ...(gone ? { deleted: true } : {}) };
}

function membershipOf(event: Readonly<Record<string, unknown>>, left: boolean): Partial<Subject> {
  const channel = asText(event['channel']);
  const user = asText(event['user']);
  if (channel === undefined || user === undefined) return { entity: 'members' };
  return { ...named('members', memberId(channel, user)), ...(left ? { deleted: true } : {}) };
}

function named(entity: string, entityId: string | undefined): Partial<Subject> {
  return { entity, ...(entityId === undefined ? {} : { entityId }) };
}
