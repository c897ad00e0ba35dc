import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Call, HttpRequest, HttpResponse, Send } from '../../src/http/http.ts';
import type { ProviderFile } from '../../src/providers/generic/definition.ts';
import { fromDefinition } from '../../src/providers/generic/provider.ts';
import type { Provider } from '../../src/providers/provider.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import type { Store } from '../../src/store/store.ts';
import { temporaryDirectory } from '../store/temporary-directory.ts';
import { START } from '../support/virtual-clock.ts';

export const KEY = { account: 'acme', provider: 'quickbooks' };

export const REQUEST: HttpRequest = { method: 'GET', url: 'https://api.acme.example/v1/items', headers: {} };

/** A repeatable call of a connection. */
export function call(change: Partial<Call> = {}): Call {
  return {
    provider: 'quickbooks',
    connection: KEY,
    limits: [],
    priority: 'interactive',
    repeatable: true,
    signal: new AbortController().signal,
    purpose: 'test',
    ...change,
  };
}

/** An answer; objects become JSON. */
export function response(status: number, body: unknown = {}, headers: Record<string, string> = {}): HttpResponse {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { status, headers, body: new TextEncoder().encode(text) };
}

/** A wire that gives these outcomes, one for each request, the last one for all that follow. */
export function wire(...outcomes: (HttpResponse | Error)[]): { send: Send; requests: HttpRequest[]; calls: Call[] } {
  const requests: HttpRequest[] = [];
  const calls: Call[] = [];
  const send: Send = async (request, options) => {
    requests.push(request);
    calls.push(options);
    const outcome = outcomes[Math.min(requests.length, outcomes.length) - 1];
    if (outcome === undefined) throw new Error('nothing was scripted');
    if (outcome instanceof Error) throw outcome;
    return outcome;
  };
  return { send, requests, calls };
}

/** The provider `acme` as a person would define it. */
export function acme(change: Partial<ProviderFile> = {}): Provider {
  return fromDefinition({ id: 'acme', title: 'Acme', api: { baseUrl: 'https://api.acme.example/v1' }, ...change });
}

/** A function that opens one fresh database file as often as it is called: each store is another process. */
export function database(now: () => number = () => START): () => Store {
  const path = join(temporaryDirectory(), 'lwi.db');
  return () => {
    const store = openSqliteStore(path, { now });
    onTestFinished(() => store.close());
    return store;
  };
}

/** What the work threw. Fails when it did not. */
export async function failureOf(work: Promise<unknown>): Promise<unknown> {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  if (!outcome) throw new Error('it did not fail');
  return outcome.error;
}
