import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { claimsOf, jsonObject } from '../../src/oauth/jwt.ts';
import { Secret } from '../../src/secret.ts';

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('the claims of a JWT', () => {
  it('are those of its second part', () => {
    const claims = { sub: 'Jürgen', exp: 1 };
    expect(claimsOf(new Secret(`${encode({ alg: 'RS256' })}.${encode(claims)}.x`))).toEqual(claims);
  });

  it.each(['', 'xoxb-1-2', 'a.b.c', `x.${encode([1])}.y`, `x.${encode('text')}.y`, 'a..b..e'])(
    'are none for %j',
    (token) => expect(claimsOf(new Secret(token))).toEqual({}),
  );

  it('can be read or not, but never break', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const claims = claimsOf(new Secret(`x.${Buffer.from(text).toString('base64url')}.y`));
        expect(claims).toEqual(jsonObject(text));
      }),
    );
  });
});

describe('a JSON object', () => {
  it.each(['', 'null', '[]', '1', '"x"', '{', '<html>'])('is not %j', (text) => expect(jsonObject(text)).toEqual({}));

  it('is taken as it is', () => expect(jsonObject('{"a":[1]}')).toEqual({ a: [1] }));
});
