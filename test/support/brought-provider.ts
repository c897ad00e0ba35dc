import type { ProviderFile } from '../../src/providers/generic/definition.ts';
import { type Answer, oddServer, type Received } from './odd-server.ts';
import { openScenario, type Scenario, withEnvironment } from './scenario.ts';

/** A scenario with the provider `acme` in JSON, connected by a token that was brought along, and the server that is its API, below `/v1`. */
export async function openBroughtProvider(
  answer: (request: Received, base: string) => Answer,
  more: Partial<ProviderFile> = {},
): Promise<{ lwi: Scenario; base: string; received: Received[] }> {
  let base = '';
  const odd = await oddServer((request) => (request.path === '/v1/me' ? { json: {} } : answer(request, base)));
  base = `${odd.url}/v1`;
  const lwi = withEnvironment(await openScenario(), { LWI_ENV: undefined });
  const definition: ProviderFile = {
    ...{ id: 'acme', title: 'Acme', api: { baseUrl: base, probe: '/me' } },
    limits: [{ permits: 10_000, perMs: 1000, burst: 10_000, concurrency: 8 }],
    ...more,
  };
  await lwi.prepare(['provider', 'add', '--file', lwi.write('acme.json', definition)]);
  await lwi.prepare(['connect', 'acme', '--with-token'], { stdin: 'a-token-that-was-brought' });
  odd.received.length = 0;
  return { lwi, base, received: odd.received };
}
