import type { ProviderFile } from '../../src/providers/generic/definition.ts';
import { type Answer, oddServer, type Received } from './odd-server.ts';
import { openScenario, type Scenario } from './scenario.ts';

const ENV = { LWI_ENV: undefined };

/** A scenario with the provider `acme` in JSON, connected by a token that was brought along, and the server that is its API, below `/v1`. */
export async function openBroughtProvider(
  answer: (request: Received, base: string) => Answer,
  more: Partial<ProviderFile> = {},
): Promise<{ lwi: Scenario; base: string; received: Received[] }> {
  let base = '';
  const odd = await oddServer((request) => (request.path === '/v1/me' ? { json: {} } : answer(request, base)));
  base = `${odd.url}/v1`;
  const lwi = await openScenario();
  const scenario: Scenario = {
    ...lwi,
    run: (words, options = {}) => lwi.run(words, { ...options, env: { ...ENV, ...options.env } }),
    json: (words, options = {}) => lwi.json(words, { ...options, env: { ...ENV, ...options.env } }),
    start: (words, options = {}) => lwi.start(words, { ...options, env: { ...ENV, ...options.env } }),
  };
  const definition: ProviderFile = {
    ...{ id: 'acme', title: 'Acme', api: { baseUrl: base, probe: '/me' } },
    limits: [{ permits: 10_000, perMs: 1000, burst: 10_000, concurrency: 8 }],
    ...more,
  };
  await scenario.json(['provider', 'add', '--file', lwi.write('acme.json', definition)]);
  await scenario.json(['connect', 'acme', '--with-token'], { stdin: 'a-token-that-was-brought' });
  odd.received.length = 0;
  return { lwi: scenario, base, received: odd.received };
}
