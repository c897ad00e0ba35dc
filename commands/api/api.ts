import { isLwiError, LwiError } from '../../src/errors.ts';
import { type Call, isHttpResponse } from '../../src/http/http.ts';
import { cassetteOptions, recordable } from '../shared/cassette.ts';
import type { Define } from '../shared/define.ts';
import type { RecordableContext } from '../shared/recordable.ts';
import { nameValue } from './name-value.ts';
import type { ApiOptions } from './options.ts';
import { ownHeaders } from './own-headers.ts';
import { showAnswer } from './show-answer.ts';

const collect = (value: string, before: readonly string[]) => [...before, value];

export const define: Define = (parent, run) => {
  const command = parent
    .command('api <provider> <path>')
    .description("one authenticated request to the connection's own API; the body goes to stdout")
    .option('-X, --method <method>', 'HTTP method (default: GET, or POST with -f or --input)')
    .option('--query <k=v>', 'query parameter; repeatable', collect, [])
    .option('-H, --header <header>', 'header "Name: value"; repeatable', collect, [])
    .option('-f, --field <k=v>', 'field of a JSON body; repeatable', collect, [])
    .option('--input <file>', 'body from a file, or - for stdin')
    .option('-i, --include', 'status and headers before the body');
  cassetteOptions(command).action(run(recordable(api)));
};

const SAFE = ['GET', 'HEAD', 'OPTIONS'];

async function api(context: RecordableContext, options: ApiOptions, id: string, path: string): Promise<number> {
  const { signal } = context;
  const { apiRequest } = await import('../../src/http/api-request.ts');
  const { requestBody } = await import('./request-body.ts');
  const provider = await context.provider(id);
  const row = await context.connection(id);
  const body = await requestBody(context, options);
  const method = (options.method ?? (body ? 'POST' : 'GET')).toUpperCase();
  if (!/^[A-Z]{3,10}$/.test(method)) throw new LwiError('USAGE', `"${options.method}" is no HTTP method.`);
  const request = apiRequest(provider, await context.baseUrl(provider, row.env), row.externalId, {
    method,
    path,
    query: options.query.map((pair) => nameValue(pair, '--query')),
    headers: { ...(body ? { 'content-type': body.type } : {}), ...ownHeaders(options.header) },
    ...(body ? { body: body.bytes } : {}),
  });
  const send = await context.api(provider);
  const call: Call = {
    ...{
      provider: provider.id,
      connection: { account: row.account, provider: row.provider },
      limits: provider.limitsFor(method, path),
    },
    priority: 'interactive',
    ...{
      repeatable: SAFE.includes(method) || (provider.api.repeatable?.(method, path) ?? false),
      signal,
      purpose: 'api',
    },
  };
  try {
    showAnswer(context, await send(request, call), options);
    return 0;
  } catch (error) {
    // The body of a refusal is what the person asked to see.
    if (isLwiError(error) && isHttpResponse(error.facts.answer)) showAnswer(context, error.facts.answer, options);
    throw error;
  }
}
