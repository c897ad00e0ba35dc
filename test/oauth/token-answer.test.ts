import { describe, expect, it } from 'vitest';
import { isLwiError } from '../../src/errors.ts';
import { readTokenSet, standardAnswer, withoutBadIdToken } from '../../src/oauth/token-answer.ts';
import { readableMembers } from '../../src/oauth/token-members.ts';
import { acme, response } from '../http/support.ts';
import { START } from '../support/virtual-clock.ts';
import { protocolFor } from './support.ts';

const protocol = () => {
  const provider = acme({ oauth: { tokenEndpoint: 'https://id.acme.example/token' } });
  return protocolFor(provider, { apiBaseUrl: 'https://x' });
};

/** What comes of an answer: status and members, or the code of the error. */
async function standard(status: number, body: unknown): Promise<unknown> {
  try {
    const answer = standardAnswer(protocol(), response(status, body));
    return [answer.status, await answer.json()];
  } catch (error) {
    return isLwiError(error) ? error.code : error;
  }
}

describe('the members of a token answer', () => {
  const TOKEN = { access_token: 'a', token_type: 'bearer' };

  it.each<[string, object, object]>([
    ['a life in quotes', { expires_in: '3600' }, { expires_in: 3600 }],
    ['a life with a fraction', { expires_in: '59.5' }, { expires_in: 59.5 }],
    ['a life of nothing', { expires_in: 0 }, { expires_in: 0 }],
    ['a life below nothing', { expires_in: -1 }, {}],
    ['a life in words', { expires_in: '1 hour' }, {}],
    ['a life that is a list', { expires_in: [3600] }, {}],
    ['a life that is a flag', { expires_in: true }, {}],
    ['an empty life', { expires_in: '' }, {}],
    ['no type', { token_type: undefined }, {}],
    ['an empty type', { token_type: ' ' }, {}],
    ['a type that is a number', { token_type: 1 }, {}],
    ['a type in capitals', { token_type: 'BEARER' }, { token_type: 'BEARER' }],
    ["Apigee's type", { token_type: 'BearerToken' }, {}],
    ['another type', { token_type: 'mac' }, { token_type: 'mac' }],
    ['scopes as a list', { scope: ['read', 'write'] }, { scope: 'read write' }],
    ['scopes as a list with other things in it', { scope: ['read', 7, null] }, { scope: 'read' }],
    ['an empty list of scopes', { scope: [] }, {}],
    ['scopes as an object', { scope: { read: true } }, {}],
    ['no scopes', { scope: '' }, { scope: '' }],
    ['an empty refresh token', { refresh_token: '' }, {}],
    ['a refresh token that is none', { refresh_token: false }, {}],
    ['an ID token that is none', { id_token: {} }, {}],
    ['a refresh token', { refresh_token: 'r' }, { refresh_token: 'r' }],
    ['members that no standard knows', { realmId: 7, x: [1] }, { realmId: 7, x: [1] }],
  ])('are readable: %s', (_name, members, expected) => {
    expect(readableMembers({ ...TOKEN, ...members })).toEqual({ ...TOKEN, ...expected });
  });
});

describe('an answer in the form of the standard', () => {
  it.each<[string, number, unknown, unknown]>([
    ['a token with 201', 201, { access_token: 'a' }, [200, { access_token: 'a', token_type: 'bearer' }]],
    [
      'nulls for what is left out',
      200,
      { access_token: 'a', scope: null },
      [200, { access_token: 'a', token_type: 'bearer' }],
    ],
    ['an error with 200 (GitHub)', 200, { error: 'authorization_pending' }, [400, { error: 'authorization_pending' }]],
    ['an error with 400, its members as they are', 400, { error: 'x', scope: [] }, [400, { error: 'x', scope: [] }]],
    [
      'a token beside an error that says nothing',
      200,
      { access_token: 'a', error: '' },
      [200, { access_token: 'a', error: '', token_type: 'bearer' }],
    ],
    ['a page', 200, '<html></html>', 'BAD_RESPONSE'],
    ['an empty object', 200, {}, 'BAD_RESPONSE'],
    ['an error of the server', 503, { error: 'x' }, 'SERVER_ERROR'],
  ])('%s', async (_name, status, body, expected) => {
    expect(await standard(status, body)).toEqual(expected);
  });
});

describe('a rotated refresh token', () => {
  it.each<[string, object]>([
    ['a date', { expires_in: 'soon' }],
    ['a negative date', { expires_in: -1 }],
    ['its type', { token_type: 7 }],
    ['its scopes', { scope: { a: 1 } }],
    ['an ID token that is no text', { id_token: 7 }],
  ])('is not lost for %s that nobody can read', async (_name, odd) => {
    const of = protocol();
    const body = { access_token: 'a', refresh_token: 'r-2', ...odd };
    const readable = await standardAnswer(of, response(200, body)).json();
    const set = readTokenSet(of, readable as never, START, {});
    expect([set.refreshToken?.reveal(), set.tokenType, set.expiresAt, set.scopes]).toEqual([
      'r-2',
      'bearer',
      undefined,
      [],
    ]);
  });

  it('is read again without the ID token, and only when there is one to leave out', async () => {
    const seen: unknown[] = [];
    const strict = async (answer: Response) => {
      const body = (await answer.json()) as Record<string, unknown>;
      seen.push(body);
      if ('id_token' in body || 'bad' in body) throw new Error('refused');
      return 'read';
    };
    expect(await withoutBadIdToken(Response.json({ a: 1, id_token: 'x' }), strict)).toBe('read');
    await expect(withoutBadIdToken(Response.json({ bad: 1 }), strict)).rejects.toThrow('refused');
    expect(seen).toEqual([{ a: 1, id_token: 'x' }, { a: 1 }, { bad: 1 }]);
  });
});
