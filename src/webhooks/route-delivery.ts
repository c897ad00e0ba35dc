import type { WebhookEvent } from '../providers/webhook-settings.ts';

/** What of a connection decides whether a delivery is about it. */
export interface Addressee {
  readonly account: string;
  readonly externalId?: string | undefined;
}

/** For whom a delivery is kept. An empty account is nobody's. */
export interface Route {
  readonly account: string;
  /** Why nobody can apply it. */
  readonly failed?: string;
}

/** Why a delivery cannot be applied that says nothing. */
export const UNREADABLE = 'the body cannot be read as events';

/** Of nobody, for the column of the account. */
const NOBODY = '';

/**
 * Which connections a verified delivery is about: the one of the account that its path names; else those of the companies that its events name; events that
 * name none belong to the only connection that there is. `connections` are those whose secret has signed it. One delivery may be about several companies
 * (Intuit sends those of one app together). Never empty.
 */
export function routeDelivery(
  account: string | undefined,
  events: readonly WebhookEvent[],
  connections: readonly Addressee[],
): readonly Route[] {
  if (account !== undefined) return [routeToAccount(account, events, connections)];
  const companies = new Set(events.map(({ externalId }) => externalId));
  if (companies.size === 0) companies.add(undefined);
  const found = new Map<string, Route>();
  const strays: string[] = [];
  for (const company of companies) {
    const theirs = company === undefined ? connections : connections.filter(({ externalId }) => externalId === company);
    if (company === undefined && theirs.length > 1) {
      strays.push(
        'it does not say which of several connections it is about: give each its own path, /webhooks/<provider>/<account>',
      );
    } else if (theirs.length === 0) {
      strays.push(
        company === undefined ? 'there is no connection' : `there is no connection to company ${short(company)}`,
      );
    } else {
      for (const each of theirs) found.set(each.account, readable({ account: each.account }, events));
    }
  }
  const stray = strays.length > 0 ? [{ account: NOBODY, failed: strays.slice(0, 3).join('; ') }] : [];
  return [...found.values(), ...stray];
}

function routeToAccount(account: string, events: readonly WebhookEvent[], connections: readonly Addressee[]): Route {
  const connection = connections.find((each) => each.account === account);
  if (!connection) return { account, failed: 'the account has no connection' };
  const named = events.flatMap(({ externalId }) => externalId ?? []);
  const other = named.length > 0 && !named.includes(connection.externalId ?? '');
  return other
    ? { account, failed: `it is about another company, ${short(named[0] ?? '')}` }
    : readable({ account }, events);
}

function readable(route: Route, events: readonly WebhookEvent[]): Route {
  return events.length > 0 ? route : { ...route, failed: UNREADABLE };
}

function short(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
