import { describe, expect, it } from 'vitest';
import { isLoopbackHost } from '../src/loopback-host.ts';
import { isSecureUrl } from '../src/secure-url.ts';

describe('a loopback host', () => {
  it.each(['localhost', '127.0.0.1', '127.1.2.3', '[::1]', '::1'])('is %s', (host) =>
    expect(isLoopbackHost(host)).toBe(true),
  );

  it.each([
    '',
    'localhost.evil.example',
    'evil-localhost',
    '127.0.0.1.evil.example',
    '1127.0.0.1',
    '128.0.0.1',
    '0.0.0.0',
    '[::]',
    '10.0.0.1',
    'localhost\n',
  ])('is not %j', (host) => expect(isLoopbackHost(host)).toBe(false));
});

describe('a URL that may carry credentials', () => {
  it.each(['https://id.acme.example/token', 'http://127.0.0.1:8080/token', 'http://localhost/', 'http://[::1]/x?a=1'])(
    'is %s',
    (url) => expect(isSecureUrl(url)).toBe(true),
  );

  it.each([
    'http://id.acme.example/token',
    'http://127.0.0.1.evil.example/',
    'ftp://localhost/',
    'https://user@id.acme.example/',
    'https://:pw@id.acme.example/',
    'https://id.acme.example/#x',
    'id.acme.example',
    '',
  ])('is not %j', (url) => expect(isSecureUrl(url)).toBe(false));
});
