import { describe, expect, it } from 'vitest';
import { LwiError } from '../../src/errors.ts';
import { authorize, type BearerSource } from '../../src/http/authorize.ts';
import { Secret } from '../../src/secret.ts';
import { call, failureOf, KEY, REQUEST, response, wire } from './support.ts';

const OK = response(200);
const refused = () => new LwiError('UNAUTHORIZED', 'the token is not accepted');

/** Gives out `token-1`, and `token-2` when `token-1` is refused. */
function tokens() {
  const asked: unknown[] = [];
  const source: BearerSource = {
    bearer: async (key) => {
      asked.push(['bearer', key]);
      return { token: new Secret('token-1'), generation: 7 };
    },
    renewedBearer: async (key, generation) => {
      asked.push(['renewed', key, generation]);
      return { token: new Secret('token-2'), generation: 8 };
    },
    ended: async (key, generation, why) => {
      asked.push(['ended', key, generation, why]);
    },
  };
  return { source, asked };
}

const sent = (requests: readonly { headers: Readonly<Record<string, string>> }[]) =>
  requests.map(({ headers }) => headers['authorization']);

describe('authorize', () => {
  it('puts the bearer token on the request and leaves the rest as it was', async () => {
    const { send, requests } = wire(OK);
    const request = { ...REQUEST, headers: { accept: 'application/json', authorization: 'Basic x' } };
    expect(await authorize(tokens().source)(send)(request, call())).toBe(OK);
    expect(requests).toEqual([
      { ...REQUEST, headers: { accept: 'application/json', authorization: 'Bearer token-1' } },
    ]);
  });

  it('answers a 401 with one forced refresh of the refused generation and one repeat', async () => {
    const { source, asked } = tokens();
    const { send, requests } = wire(refused(), OK);
    expect(await authorize(source)(send)(REQUEST, call())).toBe(OK);
    expect(sent(requests)).toEqual(['Bearer token-1', 'Bearer token-2']);
    expect(asked).toEqual([
      ['bearer', KEY],
      ['renewed', KEY, 7],
    ]);
  });

  it('marks the connection when the provider says that the grant has ended, and asks for no refresh', async () => {
    const { source, asked } = tokens();
    const { send, requests } = wire(new LwiError('RECONNECT_REQUIRED', 'token_revoked'), OK);
    const error = await failureOf(authorize(source)(send)(REQUEST, call()));
    expect(error).toMatchObject({ code: 'RECONNECT_REQUIRED' });
    expect(requests).toHaveLength(1);
    expect(asked).toEqual([
      ['bearer', KEY],
      ['ended', KEY, 7, 'token_revoked'],
    ]);
  });

  it('does not try a third time', async () => {
    const { send, requests } = wire(refused(), refused(), OK);
    expect(await failureOf(authorize(tokens().source)(send)(REQUEST, call()))).toMatchObject({ code: 'UNAUTHORIZED' });
    expect(requests).toHaveLength(2);
  });

  it('repeats an unsafe request too, because a 401 did nothing', async () => {
    const { send, requests } = wire(refused(), OK);
    await authorize(tokens().source)(send)({ ...REQUEST, method: 'POST', body: '{}' }, call({ repeatable: false }));
    expect(requests.map(({ method, body }) => [method, body])).toEqual([
      ['POST', '{}'],
      ['POST', '{}'],
    ]);
  });

  it.each(['FORBIDDEN', 'SERVER_ERROR'] as const)('refreshes nothing after %s', async (code) => {
    const { source, asked } = tokens();
    await failureOf(authorize(source)(wire(new LwiError(code, 'no')).send)(REQUEST, call()));
    expect(asked).toHaveLength(1);
  });

  it('sends calls without a connection as they are', async () => {
    const { connection: _none, ...anonymous } = call();
    const { source, asked } = tokens();
    const { send, requests } = wire(OK);
    await authorize(source)(send)(REQUEST, anonymous);
    expect([requests, asked]).toEqual([[REQUEST], []]);
  });
});
