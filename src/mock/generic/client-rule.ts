import type { OAuthDefinition } from '../../providers/generic/definition.ts';
import { type PresentedClient, readClient, WRONG_SECRET } from '../client-authentication.ts';
import { oauthError } from './error-answer.ts';

/**
 * The client of a request, or the refusal. Any id and secret will do but the wrong one, in the way that the definition names: Basic, body, or without a
 * secret. Where it names none, Basic and body are taken (RFC 6749, 2.3.1).
 */
export function presentedClient(
  request: Request,
  form: URLSearchParams,
  rule: OAuthDefinition['clientAuthentication'],
): PresentedClient | Response {
  const client = readClient(request, form);
  if (client === 'twice') return oauthError('invalid_request', 'Credentials came in two ways (RFC 6749, 2.3)');
  if (typeof client === 'string') return oauthError('invalid_client');
  if (rule === 'none') return client.method === 'body' ? client : oauthError('invalid_client', 'This client is public');
  if (!client.secret || client.secret === WRONG_SECRET) return oauthError('invalid_client');
  if (rule !== undefined && client.method !== rule)
    return oauthError(
      'invalid_client',
      `The client must authenticate by ${rule === 'basic' ? 'HTTP Basic' : 'the body'}`,
    );
  return client;
}

/** The same rule as metadata names it (RFC 8414, 2). */
export function authenticationMethods(rule: OAuthDefinition['clientAuthentication']): readonly string[] {
  if (rule === 'none') return ['none'];
  const both = { basic: 'client_secret_basic', body: 'client_secret_post' } as const;
  return rule === undefined ? Object.values(both) : [both[rule]];
}
