import { describe, expect, it } from 'vitest';
import { chosenAccount, chosenEnvironment, connectionName } from '../src/connection.ts';

describe('an account', () => {
  it.each(['acme', 'ACME-1', '3f0c7a52-0f6e-4c55-9d2b-6a9e2d6f3c11', '42', 'a.b_c@d', 'a'.repeat(128)])(
    'may be %s',
    (name) => expect(chosenAccount(name)).toBe(name),
  );

  it('is `default` when none is named', () => {
    expect([chosenAccount(undefined), chosenAccount('')]).toEqual(['default', 'default']);
  });

  it.each(['../etc', 'a/b', 'a b', '.hidden', '-a', '@a', 'a\0', 'a\n', 'ä', 'a:b', 'a'.repeat(129)])(
    'may not be %j, which could not stand in a path or a key',
    (name) => expect(() => chosenAccount(name)).toThrow('is no account id'),
  );
});

describe('an environment', () => {
  it('is production unless somebody says otherwise', () => {
    expect([chosenEnvironment(undefined), chosenEnvironment('')]).toEqual([
      { env: 'production', explicit: false },
      { env: 'production', explicit: false },
    ]);
  });

  it.each(['production', 'sandbox', 'mock'])('may be %s', (env) =>
    expect(chosenEnvironment(env)).toEqual({ env, explicit: true }),
  );

  it.each(['prod', 'Production', 'constructor'])('may not be %s', (name) =>
    expect(() => chosenEnvironment(name)).toThrow(`"${name}" is no environment: production, sandbox, mock.`),
  );
});

describe('the name of a connection', () => {
  it('is account and provider', () => {
    expect(connectionName({ account: 'acme', provider: 'slack' })).toBe('acme/slack');
  });
});
