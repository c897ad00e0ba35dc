import type { Context } from '../src/context.ts';
import { isLwiError, LwiError } from '../src/errors.ts';
import { type Call, type HttpResponse, isHttpResponse } from '../src/http/http.ts';
import type { Define } from './shared/define.ts';
import { headerLine } from './shared/header-lines.ts';

interface Options {
  readonly method?: string;
  readonly query: readonly string[];
  readonly header: readonly string[];
  readonly field: readonly string[];
  readonly input?: string;
  readonly include?: boolean;
}

const collect = (value: string, before: readonly string[]) => [...before, value];

export const define: Define = (parent, run) => {
  parent
    .command('api <provider> <path>')
    .description("one authenticated request to the connection's own API; the body goes to stdout")
    .option('-X, --method <method>', 'HTTP method (default: GET, or POST with -f or --input)')
    .option('--query <k=v>', 'query parameter; repeatable', collect, [])
    .option('-H, --header <header>', 'header "Name: value"; repeatable', collect, [])
    .option('-f, --field <k=v>', 'field of a JSON body; repeatable', collect, [])
    .option('--input <file>', 'body from a file, or - for stdin')
    .option('-i, --include', 'status and headers before the body')
    .action(run(api));
};

const SAFE = ['GET', 'HEAD', 'OPTIONS'];

async function api(context: Context, options: Options, id: string, path: string): Promise<number> {
  const { signal } = context;
  const { apiRequest } = await import('../src/http/api-request.ts');
  const provider = await context.provider(id);
  const row = await context.connection(id);
  const body = await bodyOf(context, options);
  const method = (options.method ?? (body ? 'POST' : 'GET')).toUpperCase();
  if (!/^[A-Z]{3,10}$/.test(method)) throw new LwiError('USAGE', `"${options.method}" is no HTTP method.`);
  const request = apiRequest(provider, (await context.endpoints(provider, row.env)).apiBaseUrl, row.externalId, {
    method,
    path,
    query: options.query.map((pair) => split(pair, '--query')),
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
    show(context, await send(request, call), options);
    return 0;
  } catch (error) {
    // The body of a refusal is what the person asked to see.
    if (isLwiError(error) && isHttpResponse(error.facts.answer)) show(context, error.facts.answer, options);
    throw error;
  }
}

function show({ terminal }: Context, response: HttpResponse, options: Options): void {
  if (options.include) {
    terminal.out(
      `HTTP ${response.status}`,
      ...Object.entries(response.headers).map(([name, value]) => `${name}: ${value}`),
      '',
    );
  }
  terminal.raw(response.body);
}

async function bodyOf(
  context: Context,
  options: Options,
): Promise<{ bytes: string | Uint8Array; type: string } | undefined> {
  const { readInput } = await import('./shared/read-input.ts');
  if (options.input !== undefined && options.field.length > 0)
    throw new LwiError('USAGE', 'Give -f or --input, not both.');
  if (options.input !== undefined) {
    return { bytes: await readInput(context, options.input), type: 'application/json' };
  }
  if (options.field.length === 0) return undefined;
  const fields = Object.fromEntries(options.field.map((pair) => split(pair, '-f')));
  return { bytes: JSON.stringify(fields), type: 'application/json' };
}

/** Headers that lwi writes itself; taking another value for them would be a lie, and a credential is never taken from argv. */
const OURS = /^(authorization|host|content-length|connection|transfer-encoding)$/;

function ownHeaders(lines: readonly string[]): Record<string, string> {
  const pairs = lines.map(headerLine);
  const taken = pairs.find(([name]) => OURS.test(name));
  if (taken) throw new LwiError('USAGE', `-H cannot set ${taken[0]}: lwi writes it.`);
  return Object.fromEntries(pairs);
}

function split(text: string, option: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new LwiError('USAGE', `${option} takes name=value, not "${text}".`);
  return [text.slice(0, at), text.slice(at + 1)];
}
