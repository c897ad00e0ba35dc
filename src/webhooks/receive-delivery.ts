import type { WebhookEvent, WebhookSettings } from '../providers/webhook-settings.ts';
import type { Secret } from '../secret.ts';
import type { NewEvent } from '../store/inbox.ts';
import {
  type Delivery,
  type DeliveryAnswer,
  type DeliveryHeaders,
  deliveryHeaders,
  refusal,
  UNKNOWN_PROVIDER,
  withoutCredentials,
} from './delivery.ts';
import { eventId, schemeEventId } from './event-id.ts';
import { type Addressee, type Route, routeDelivery, UNREADABLE } from './route-delivery.ts';
import type { Verdict } from './scheme.ts';
import { verify } from './verify.ts';

/** Secrets that may have signed a delivery, and for whom they speak. */
export interface Signer {
  readonly secrets: readonly Secret[];
  /** Accounts whose secrets these are: a delivery can only be about them. `all`: the operator's. */
  readonly accounts: readonly string[] | 'all';
}

/** What a receiver must know and have. */
export interface Receiving {
  /** Wall clock, ms since the epoch. */
  now(): number;
  /** The webhook of a provider; undefined: there is no such provider, or it has none. */
  webhook(provider: string): Promise<WebhookSettings | undefined>;
  /** Who may have signed what comes for this provider and, where the path names one, account. */
  signers(provider: string, account: string | undefined): Promise<readonly Signer[]>;
  connections(provider: string): Promise<readonly Addressee[]>;
  /** The account to which a delivery belongs when nobody is connected to its provider and its path names none. Absent, or undefined: it is nobody's. */
  strays?(provider: string): string | undefined;
  /** This receiver keeps what comes, and applies nothing: what nobody could apply is no failure here. */
  readonly keeps?: boolean;
  /** URLs to which each delivery is to be forwarded, once, however many connections it is about. */
  readonly forwardTo?: readonly string[] | undefined;
  /** Resolves when all of it is on disk. */
  accept(batch: readonly NewEvent[]): Promise<readonly ('new' | 'duplicate')[]>;
}

/**
 * Judges one delivery and stores it: nothing is parsed before it is verified, and nothing is answered with 200 before it is on disk. What is verified but
 * about no connection is kept too, as failed: a repeat would change nothing.
 */
export async function receiveDelivery(receiving: Receiving, delivery: Delivery): Promise<DeliveryAnswer> {
  const { provider, account, body } = delivery;
  const webhook = await receiving.webhook(provider);
  if (!webhook) return UNKNOWN_PROVIDER;
  const headers = deliveryHeaders(delivery.headers);
  const early = webhook.handshake?.(body, headers.joined, false);
  if (early) return { outcome: 'handshake', status: 200, body: early };

  const judged = judge(webhook, delivery, headers, await receiving.signers(provider, account), receiving.now());
  if (judged.verdict === 'malformed-input')
    return refusal('malformed', 400, 'malformed', 'The request cannot be verified.');
  if (judged.verdict !== 'verified') {
    const reason = judged.verdict;
    return { outcome: 'unverified', reason, status: 401, body: { error: 'unverified', reason } };
  }
  const late = webhook.handshake?.(body, headers.joined, true);
  if (late) return { outcome: 'handshake', status: 200, body: late };

  const events = webhook.readEvents(body, headers.joined);
  const id = schemeEventId(webhook.scheme, headers.bag, body);
  const routes = routesOf(receiving, delivery, events, await receiving.connections(provider), judged.accounts);
  const rows = rowsOf(receiving, delivery, id, events, routes);
  const results = await receiving.accept(rows);
  const [row] = rows;
  const duplicate = results.every((result) => result === 'duplicate');
  const stray = routes.every(({ failed }) => failed !== undefined);
  const outcome = duplicate ? 'duplicate' : stray && !receiving.keeps ? 'unknown-tenant' : 'accepted';
  return { outcome, status: 200, body: { received: true, eventId: row?.key, ...(duplicate ? { duplicate } : {}) } };
}

/** For whom it is kept; `accounts` are those whose secret has signed it. */
function routesOf(
  receiving: Receiving,
  { provider, account }: Delivery,
  events: readonly WebhookEvent[],
  connections: readonly Addressee[],
  accounts: Signer['accounts'],
): readonly Route[] {
  const owner = account === undefined && connections.length === 0 ? receiving.strays?.(provider) : undefined;
  if (owner !== undefined) return [{ account: owner, ...(events.length > 0 ? {} : { failed: UNREADABLE }) }];
  const theirs = accounts === 'all' ? connections : connections.filter((each) => accounts.includes(each.account));
  return routeDelivery(account, events, theirs);
}

function judge(
  webhook: WebhookSettings,
  delivery: Delivery,
  { bag }: DeliveryHeaders,
  signers: readonly Signer[],
  now: number,
): { readonly verdict: Verdict; readonly accounts: Signer['accounts'] } {
  const { body, method, path } = delivery;
  const given = { scheme: webhook.scheme, headers: bag, body, method, path, now, hints: false };
  let verdict: Verdict = 'no-secret';
  const verified: string[] = [];
  for (const { secrets, accounts } of signers) {
    const judged = verify({ ...given, secrets }).verdict;
    if (judged === 'verified' && accounts === 'all') return { verdict: judged, accounts };
    if (judged === 'verified') verified.push(...accounts);
    if (judged === 'verified' || verdict === 'no-secret') verdict = judged;
  }
  return { verdict: verified.length > 0 ? 'verified' : verdict, accounts: verified };
}

/** Characters that are kept of it. */
const LONGEST_TYPE = 200;

function rowsOf(
  { keeps, forwardTo }: Receiving,
  delivery: Delivery,
  id: string | undefined,
  events: readonly WebhookEvent[],
  routes: readonly Route[],
): readonly NewEvent[] {
  const { provider, method, path, body, receivedAt } = delivery;
  const type =
    [...new Set(events.map((event) => event.type))].slice(0, 3).join(', ').slice(0, LONGEST_TYPE) || 'unknown';
  const headers = withoutCredentials(delivery.headers);
  return routes.map(({ account, failed }, at) => ({
    ...{
      provider,
      account,
      key: eventId({ provider, account, body, id }),
      type,
      method,
      path,
      headers,
      body,
      receivedAt,
    },
    ...(keeps ? { kept: true } : { failed }),
    // On the first row only: one delivery goes out once.
    ...(at === 0 && forwardTo ? { forwardTo } : {}),
  }));
}
