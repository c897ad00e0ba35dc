import { chosenAccount } from '../connection.ts';

/** What a webhook path names. */
export interface WebhookPlace {
  readonly provider: string;
  readonly account?: string;
}

/** The path with its query out of a request target, which may be an absolute URL too (RFC 9112, 3.2.2). */
export function originForm(target: string): string {
  if (target.startsWith('/')) return target;
  const [, path] = /^https?:\/\/[^/?#]*(.*)$/i.exec(target) ?? [];
  return path === undefined ? target : path.startsWith('/') ? path : `/${path}`;
}

/** `/webhooks/<provider>` or `/webhooks/<provider>/<account>`, without query; undefined for all others, also where it names what cannot be an account. */
export function webhookPlace(path: string): WebhookPlace | undefined {
  const [, provider, spelled] = /^\/webhooks\/([^/]+)(?:\/([^/]+))?\/?$/.exec(path) ?? [];
  if (provider === undefined) return undefined;
  if (spelled === undefined) return { provider };
  try {
    return { provider, account: chosenAccount(decodeURIComponent(spelled)) };
  } catch {
    return undefined;
  }
}
