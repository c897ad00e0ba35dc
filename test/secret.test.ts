import { format, inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Secret } from '../src/secret.ts';

const secret = new Secret('s3cr3t');

describe('a secret', () => {
  it.each<[string, () => string]>([
    ['as text', () => String(secret)],
    ['in a template', () => `${secret}`],
    ['joined', () => ['a', secret].join()],
    ['as JSON', () => JSON.stringify({ deep: [{ secret }] })],
    ['inspected', () => inspect({ secret }, { depth: 9, showHidden: true })],
    ['formatted', () => format('%s %o %j %O', secret, secret, secret, secret)],
    ['in an error', () => inspect(new Error('x', { cause: { secret } }))],
    ['by its keys', () => JSON.stringify([Object.entries(secret), { ...secret }])],
  ])('is not shown %s', (_name, show) => {
    expect(show()).not.toContain('s3cr3t');
  });

  it('says that it is hidden', () => {
    expect([`${secret}`, JSON.stringify(secret), inspect(secret)]).toEqual([
      '[redacted]',
      '"[redacted]"',
      '[redacted]',
    ]);
  });

  it('is given to whoever asks by name', () => expect(secret.reveal()).toBe('s3cr3t'));

  it('has a fingerprint: the first 12 hex digits of its SHA-256', () => {
    // printf 's3cr3t' | sha256sum
    expect(secret.fingerprint()).toBe('4e738ca5563c');
    expect(new Secret('other').fingerprint()).not.toBe(secret.fingerprint());
  });
});
