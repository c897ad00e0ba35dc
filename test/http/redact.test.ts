import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoted, redactHeaders, redactText, redactUrl } from '../../src/http/redact.ts';
import { Secret } from '../../src/secret.ts';

/** The shapes that credentials of the providers have (docs.slack.dev, developer.intuit.com, RFC 6750 and 7617). */
const SECRETS = [
  'xoxb-123456789012-1234567890123-AbCdEfGhIjKlMnOpQrStUvWx',
  'xoxp-1-2-3-abcdef0123456789',
  'xoxe-1-My0xLTU1NTU1NTU1NTU1',
  'xoxe.xoxp-1-Mi0yLTEyMzQ1Njc4OTA',
  'xoxe.xoxb-1-Mi0yLTEyMzQ1Njc4OTA',
  'xapp-1-A0123-456-abcdef',
  'RT1-23-H0-1234567890abcdefghij',
  'AB11734567890abcdefghijKLMNOPQRST',
  'eyJlbmMiOiJBMTI4Q0JDLUhTMjU2IiwiYWxnIjoiZGlyIn0..abc-DEF_123.xyz.456',
  'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
  'Bearer abcdef-0123.456~789+/=',
  'bearer   abcdefghij',
  'Basic Y2xpZW50OnNlY3JldA==',
];

describe('free text', () => {
  it.each(SECRETS)('loses %s, and nothing around it', (secret) => {
    expect(redactText(`before (${secret}) after`)).toBe('before ([redacted]) after');
  });

  it.each([
    ['access_token=s3cr3t-value&token_type=bearer', 'access_token=[redacted]&token_type=bearer'],
    ['{"refresh_token":"s3cr3t","a":1}', '{"refresh_token":"[redacted]","a":1}'],
    ['{"client_secret" : "s3cr3t"}', '{"client_secret" : "[redacted]"}'],
    [String.raw`{"said":"{\"password\":\"s3cr3t\"}"}`, String.raw`{"said":"{\"password\":\"[redacted]\"}"}`],
    ['grant_type=password&password=s3cr3t', 'grant_type=password&password=[redacted]'],
    ['see http://localhost/cb?code=s3cr3t&state=st4te.', 'see http://localhost/cb?code=[redacted]&state=[redacted]'],
  ])('loses named values: %s', (text, expected) => expect(redactText(text)).toBe(expected));

  it.each([
    'The request was not valid: invoice 145, code 3001.',
    'Check the user name and the password, then run `lwi connect quickbooks`.',
    'access_token_encrypted of acme/quickbooks: the ciphertext was altered',
    'https://quickbooks.api.intuit.com/v3/company/9130000000000001/query?minorversion=75',
    'The bearer is missing, and basic is not taken.',
  ])('is left alone when there is nothing to hide: %s', (text) => expect(redactText(text)).toBe(text));

  it('loses what is known to be secret in this process, whatever it looks like, also URL-encoded', () => {
    const secret = new Secret('an opaque token/of no shape');
    expect(redactText(`boom ${secret.reveal()} ${encodeURIComponent(secret.reveal())}!`)).toBe(
      'boom [redacted] [redacted]!',
    );
  });

  it("knows a provider's own shapes too", () => {
    expect(redactText('key TK-1 and TK-2', [/\bTK-\d+/g])).toBe('key [redacted] and [redacted]');
  });

  it('leaves JSON readable, whatever is in it', () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom(...SECRETS, 'password=', 'x"y', '\\', '?code=', '"client_secret":"'),
    );
    const text = fc.array(word).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.dictionary(text, text), (value) => {
        expect(() => JSON.parse(redactText(JSON.stringify({ error: value })))).not.toThrow();
      }),
    );
  });
});

describe('URLs', () => {
  it.each([
    'access_token',
    'refresh_token',
    'id_token',
    'token',
    'code',
    'code_verifier',
    'client_secret',
    'password',
    'assertion',
    'state',
    'device_code',
    'api_key',
    'CODE',
  ])('lose the value of %s', (name) => {
    expect(redactUrl(`https://api.example/x?a=1&${name}=s3cr3t%26&b=2`)).toBe(
      `https://api.example/x?a=1&${name}=[redacted]&b=2`,
    );
  });

  it('lose a password in front of the host, and tokens in the path', () => {
    expect(redactUrl('https://user:s3cr3t@api.example/')).toBe('https://user:[redacted]@api.example/');
    expect(redactUrl('https://api.example/xoxb-1-abc')).toBe('https://api.example/[redacted]');
  });

  it('keep all the rest', () => {
    const url = 'https://api.example/v1/items?cursor=abc&limit=100';
    expect(redactUrl(url)).toBe(url);
  });

  it('are hidden whole when they cannot be read', () => expect(redactUrl('http://[s3cr3t')).toBe('[redacted]'));
});

describe('headers', () => {
  it.each([
    'authorization',
    'Authorization',
    'proxy-authorization',
    'cookie',
    'set-cookie',
    'intuit-signature',
    'x-slack-signature',
    'mcp-signature',
    'x-hub-signature-256',
    'x-auth-token',
    'x-api-key',
    'apikey',
  ])('%s is hidden', (name) => expect(redactHeaders({ [name]: 's3cr3t' })).toEqual([[name, '[redacted]']]));

  it('others are shown, without what looks like a credential', () => {
    const location = 'http://localhost/cb?code=s3cr3t&a=1';
    expect(redactHeaders({ accept: 'application/json', location, 'x-echo': 'Bearer abcdefghij' })).toEqual([
      ['accept', 'application/json'],
      ['location', 'http://localhost/cb?code=[redacted]&a=1'],
      ['x-echo', '[redacted]'],
    ]);
  });
});

describe('a text from outside in a message', () => {
  it('holds no half of a credential that goes on behind its end', () => {
    const token = new Secret(`opaque-${'Zq'.repeat(400)}`).reveal();
    expect(quoted(`the token ${token} is bad`, 300)).toBe('the token [redacted] is bad');
    expect(quoted(`${'x'.repeat(290)} ${token}`, 300)).toBe(`${'x'.repeat(290)} [redacted…`);
  });
});
