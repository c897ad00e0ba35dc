import { jsonAnswer, tokenAnswer } from '../answer.ts';
import { createGrantStore } from '../grant-store.ts';
import type { ProviderFake } from '../provider-fake.ts';
import { createMint } from '../seeded-random.ts';
import type { MockSettings } from '../settings.ts';
import { createApi, tooMany } from './api.ts';
import { carrierStream, streamsOf } from './carrier-stream.ts';
import { createCarriers } from './carriers.ts';
import { answerToken, carrierRotation } from './token.ts';
import { carrierEvent } from './webhook.ts';

/** MyCarrierPackets as `/mycarrierpackets/…`: the paths of api.mycarrierpackets.com. */
export function makeMycarrierpackets(settings: MockSettings): ProviderFake {
  const mint = createMint(settings.seed, 'mycarrierpackets');
  const grants = createGrantStore(settings.clock, mint, carrierRotation(settings.rotateAlways));
  const carriers = createCarriers(settings);
  const api = createApi(settings, grants, carriers);
  const pathOf = (request: Request) => new URL(request.url).pathname.slice('/mycarrierpackets'.length);
  const operationOf = (path: string) => /^\/api\/v1\/Carrier\/([A-Za-z]+)$/i.exec(path)?.[1];
  return {
    id: 'mycarrierpackets',
    hosts: ['api.mycarrierpackets.com'],
    grants,
    handle(request) {
      const path = pathOf(request);
      if (path === '/token') return answerToken(request, settings, grants);
      const operation = operationOf(path);
      return operation === undefined ? jsonAnswer({ Message: 'Not found.' }, 404) : api.answer(request, operation);
    },
    failure(status, path) {
      if (status === 429) return tooMany();
      if (path.endsWith('/token'))
        return tokenAnswer({ error: status < 500 ? 'invalid_request' : 'server_error' }, status);
      const denied = 'Authorization has been denied for this request.';
      return jsonAnswer({ Message: status === 401 ? denied : 'An error has occurred.' }, status);
    },
    windows(request) {
      const operation = operationOf(pathOf(request));
      return operation === undefined ? [] : api.windows(request, operation);
    },
    // No request id is known.
    stamp: () => undefined,
    stream: (name) => carrierStream(settings.seed, carriers, name),
    reading(request) {
      const operation = operationOf(pathOf(request));
      return operation === undefined ? undefined : { tenant: undefined, streams: streamsOf(operation) };
    },
    event: (parameters) => carrierEvent(settings, parameters),
  };
}
