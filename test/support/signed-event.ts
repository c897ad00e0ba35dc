import { createHmac } from 'node:crypto';
import { request } from 'node:http';
import { systemClock } from '../../src/clock.ts';
import { WEBHOOK_SECRETS } from './serving.ts';

/** A delivery that is ready to be sent; headers as they are to be spelled. */
export interface SignedEvent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** A message event of Slack's, signed now. */
export function slackEvent(id: string, { team = 'T00000001', text = 'hello', secret = SLACK } = {}): SignedEvent {
  const event = { type: 'message', channel: 'C1', user: 'U1', ts: '1767607200.000100', text };
  const body = { type: 'event_callback', team_id: team, event_id: id, event_time: 1767607200, event };
  return slackSigned(JSON.stringify(body), secret);
}

/** Any bytes under Slack's signature. */
export function slackSigned(body: string | Uint8Array, secret = SLACK): SignedEvent {
  const timestamp = String(Math.floor(systemClock.now() / 1000));
  const mac = createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex');
  return {
    headers: {
      'Content-Type': 'application/json',
      'X-Slack-Request-Timestamp': timestamp,
      'X-Slack-Signature': `v0=${mac}`,
    },
    body,
  };
}

/** A delivery of Intuit's that tells of a changed invoice in each of these companies. */
export function quickbooksEvent(realms: readonly string[], lastUpdated = '2026-01-05T10:00:00Z'): SignedEvent {
  const entities = [{ name: 'Invoice', id: '1', operation: 'Update', lastUpdated }];
  const eventNotifications = realms.map((realmId) => ({ realmId, dataChangeEvent: { entities } }));
  const body = JSON.stringify({ eventNotifications });
  const signature = createHmac('sha256', WEBHOOK_SECRETS.LWI_QUICKBOOKS_WEBHOOK_SECRET).update(body).digest('base64');
  return { body, headers: { 'content-type': 'application/json', 'intuit-signature': signature } };
}

/** What was answered; status 0: nothing. */
export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly json: Readonly<Record<string, unknown>>;
}

/** Sends it over a connection of its own, headers spelled as they are, and those of `more` as well. */
export function postEvent(
  url: string,
  { headers, body }: SignedEvent,
  more: readonly (readonly [string, string])[] = [],
): Promise<Answered> {
  const { host } = new URL(url);
  const length = String(Buffer.from(body as string).length);
  const flat = ['Host', host, ...Object.entries(headers).flat(), ...more.flat(), 'Content-Length', length];
  return new Promise((resolve) => {
    const none = () => resolve({ status: 0, headers: {}, json: {} });
    const outgoing = request(url, { method: 'POST', headers: flat as never, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', none);
      answer.on('end', () => {
        const json = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Answered['json'];
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers as Answered['headers'], json });
      });
    });
    outgoing.on('error', none);
    outgoing.end(body);
  });
}

const SLACK = WEBHOOK_SECRETS.LWI_SLACK_WEBHOOK_SECRET;
