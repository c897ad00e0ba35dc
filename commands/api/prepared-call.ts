import type { Context } from '../../src/context.ts';
import { isLwiError, LwiError } from '../../src/errors.ts';
import { apiRequest } from '../../src/http/api-request.ts';
import { type Call, type HttpRequest, type HttpResponse, isHttpResponse } from '../../src/http/http.ts';
import type { Provider } from '../../src/providers/provider.ts';
import type { ApiOptions } from './options.ts';
import { requestParts } from './request-parts.ts';

/** A request of `lwi api` that is ready to go, and what is needed to send it and those that follow. */
export interface PreparedCall {
  readonly provider: Provider;
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly request: HttpRequest;
  /** It changes nothing at the provider, as far as that is known. */
  readonly readOnly: boolean;
  send(request: HttpRequest): Promise<HttpResponse>;
}

const SAFE: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Completes the request for the connection. An unsafe one gets the provider's key of idempotency, where it has one, so that it may be repeated when
 * its answer is lost. Throws USAGE, NOT_CONNECTED, INPUT_INVALID.
 */
export async function prepareCall(
  context: Context,
  options: ApiOptions,
  id: string,
  path: string,
): Promise<PreparedCall> {
  const provider = await context.provider(id);
  const row = await context.connection(id);
  if (path.includes('#')) {
    throw new LwiError('USAGE', 'The path holds a #, behind which nothing is sent.', {
      hint: 'Write %23 for a # that is meant, or give the value with --query.',
    });
  }
  const parts = await requestParts(context, options);
  const baseUrl = (await context.endpoints(provider, row.env)).apiBaseUrl.replace(/\/$/, '');
  const complete = (added: Readonly<Record<string, string>>) =>
    apiRequest(provider, baseUrl, row.externalId, {
      ...parts,
      path,
      query: [...parts.query, ...Object.entries(added)],
    });
  const below = ({ url }: HttpRequest) => pathBelow(baseUrl, url);
  const plain = complete({});
  // Loaded on use: node:crypto costs a start milliseconds.
  const newKey = () => process.getBuiltinModule('node:crypto').randomUUID();
  const key = provider.api.idempotency?.(parts.method, below(plain), newKey()) ?? {};
  const request = complete(key);
  const isRepeatable = ({ method, url }: HttpRequest) =>
    SAFE.includes(method) || (provider.api.repeatable?.(method, pathBelow(baseUrl, url)) ?? false);
  const callFor = (one: HttpRequest): Call => ({
    provider: provider.id,
    connection: { account: row.account, provider: row.provider },
    limits: provider.limitsFor(one.method, below(one)),
    priority: 'interactive',
    repeatable: isRepeatable(one),
    signal: context.signal,
    purpose: 'api',
  });
  const client = await context.api(provider);
  const send = async (one: HttpRequest) => {
    try {
      return await client(one, callFor(one));
    } catch (error) {
      const answer = notModified(one, error);
      if (answer) return answer;
      throw repeatedlySafe(error, provider, key);
    }
  };
  return { provider, baseUrl, request, readOnly: isRepeatable(plain), send };
}

/** Path and query of a URL below the base URL, as the provider's functions take them. */
function pathBelow(baseUrl: string, url: string): string {
  const { pathname, search } = new URL(url);
  return `${pathname.slice(new URL(baseUrl).pathname.replace(/\/$/, '').length)}${search}`;
}

/** 304 is what a conditional request asks for (RFC 9110, 15.4.5), and no refusal. */
function notModified({ headers }: HttpRequest, error: unknown): HttpResponse | undefined {
  const conditional = 'if-none-match' in headers || 'if-modified-since' in headers;
  if (!conditional || !isLwiError(error) || error.facts.statusCode !== 304) return undefined;
  return isHttpResponse(error.facts.answer) ? error.facts.answer : undefined;
}

/** Whoever does not know whether a write was done may ask again under the same key: it is done once. */
function repeatedlySafe(error: unknown, { title }: Provider, key: Readonly<Record<string, string>>): unknown {
  const given = Object.entries(key).map(([name, value]) => `--query ${name}=${value}`);
  if (given.length === 0 || !isLwiError(error) || error.category !== 'unavailable') return error;
  const hint = `Run the command again with ${given.join(' ')}: ${title} then does it once, even if it is done already.`;
  return new LwiError(error.code, error.message, { ...error.facts, hint });
}
