import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BUILT_IN } from '../../src/providers/registry.ts';
import { createRedactor } from '../../src/recording/redactor.ts';
import { shownIn } from '../support/planted.ts';

const PATTERNS = BUILT_IN.flatMap(({ redact }) => redact);
const redactor = (...secrets: string[]) => createRedactor(PATTERNS, () => secrets);
const plain = redactor();

const unicodeEscapes = (text: string) =>
  [...Array(text.length).keys()].map((at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`).join('');
const inJson = (text: string) => JSON.stringify(text).slice(1, -1);
const percent = (text: string) =>
  Array.from(Buffer.from(text), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
const form = (text: string) => new URLSearchParams([['', text]]).toString().slice(1);
const base64 = (text: string, before: string) => Buffer.from(before + text).toString('base64');

/** Ways to write a value that another program undoes. Each one ends as text that may stand in a JSON string. */
const ENCODINGS: Readonly<Record<string, (secret: string) => string>> = {
  'in JSON': inJson,
  'in JSON with escaped slashes': (secret) => inJson(secret).replaceAll('/', '\\/'),
  'in JSON as code units': unicodeEscapes,
  'in JSON in JSON': (secret) => inJson(inJson(secret)),
  'in JSON in JSON as code units': (secret) => inJson(unicodeEscapes(secret)),
  'percent-encoded where it must be': encodeURIComponent,
  'percent-encoded throughout': percent,
  'percent-encoded in capitals': (secret) => percent(secret).toUpperCase(),
  'percent-encoded twice': (secret) => encodeURIComponent(percent(secret)),
  'in a form': form,
  'in JSON in a form': (secret) => form(inJson(secret)),
  'in a URL in JSON': (secret) => inJson(`https://x.example/?q=${encodeURIComponent(secret)}`),
  'in XML': (secret) => inJson(secret.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)),
  'in base64': (secret) => base64(secret, ''),
  'in base64 behind one byte': (secret) => base64(secret, 'a'),
  'in base64 behind two bytes': (secret) => base64(secret, 'ab'),
  'in base64url': (secret) => Buffer.from(`:${secret}:`).toString('base64url'),
  'in base64 in JSON with escaped slashes': (secret) => base64(secret, 'ab').replaceAll('/', '\\/'),
  'in base64 in a form': (secret) => form(base64(secret, 'a')),
  'in a Basic header': (secret) => `Basic ${base64(form(secret), 'app:')}`,
  'in hex': (secret) => Buffer.from(secret).toString('hex'),
  'in hex in capitals': (secret) => Buffer.from(secret).toString('hex').toUpperCase(),
};

const secrets = fc
  .oneof(
    fc.string({ minLength: 8, maxLength: 60 }),
    fc.string({ unit: 'binary', minLength: 8, maxLength: 30 }),
    fc.string({ unit: fc.constantFrom(...'aA0+/=-_%&"\\ ü\n:'), minLength: 8, maxLength: 20 }),
  )
  .filter((secret) => secret.trim() === secret && !/[redacted[\]]{4}/.test(secret));
const around = fc.string({ maxLength: 30 });

describe('a secret', () => {
  it.each(Object.entries(ENCODINGS))('is gone from a body %s, and JSON stays JSON', (_name, encode) => {
    fc.assert(
      fc.property(secrets, around, around, (secret, before, after) => {
        const body = `{"said":"${inJson(before)}${encode(secret)}${inJson(after)}","next":1}`;
        const out = redactor(secret).text(body);
        expect(shownIn(Buffer.from(out), { it: secret })).toEqual([]);
        expect(out).not.toContain(encode(secret));
        expect(JSON.parse(out)).toHaveProperty('next', 1);
      }),
      { numRuns: 300 },
    );
  });

  it('is gone from bytes that are no text', () => {
    fc.assert(
      fc.property(secrets, fc.uint8Array(), fc.uint8Array(), (secret, before, after) => {
        const bytes = Buffer.concat([before, Buffer.from(secret), after]);
        const out = Buffer.from(redactor(secret).bytes(bytes));
        expect(shownIn(out, { it: secret })).toEqual([]);
      }),
    );
  });

  it('is gone from path and query of a URL, which stays a URL of the same host', () => {
    fc.assert(
      fc.property(secrets, (secret) => {
        const path = encodeURIComponent(secret);
        const out = redactor(secret).url(
          `https://api.acme.example/v1/${path}?a=1&b=${form(secret)}&c=${percent(secret)}`,
        );
        expect(shownIn(Buffer.from(out), { it: secret })).toEqual([]);
        expect(new URL(out).host).toBe('api.acme.example');
      }),
    );
  });

  it('taken out once stays out: the text does not change again', () => {
    fc.assert(
      fc.property(secrets, fc.json(), around, (secret, json, text) => {
        const twice = redactor(secret);
        for (const given of [`${json}${secret}`, `${text}${secret}${text}`, `{"password":${json}}`]) {
          const once = twice.text(given);
          expect(twice.text(once)).toBe(once);
        }
      }),
    );
  });
});

describe('a credential is known by its name', () => {
  it.each([
    ['{"access_token":"abc","expires_in":3600}', '{"access_token":"[redacted]","expires_in":3600}'],
    ['{"Password" : "a\\"b\\\\", "x":1}', '{"Password" : "[redacted]", "x":1}'],
    ['{"apiKey":12345,"n":1}', '{"apiKey":"[redacted]","n":1}'],
    [
      '{"credentials":{"user":"u","list":["a",2,null,true]},"n":"x"}',
      '{"credentials":{"user":"[redacted]","list":["[redacted]","[redacted]",null,true]},"n":"x"}',
    ],
    ['{"body":"{\\"refresh_token\\":\\"abc\\"}"}', '{"body":"{\\"refresh_token\\":\\"[redacted]\\"}"}'],
    ['said password=hunter2 & more', 'said password=[redacted] & more'],
    [
      '<c><Password>abc</Password><ns:ApiKey id="1">k</ns:ApiKey></c>',
      '<c><Password>[redacted]</Password><ns:ApiKey id="1">[redacted]</ns:ApiKey></c>',
    ],
    ['<login password="abc" name="n"/>', '<login password="[redacted]" name="n"/>'],
    [
      '--b\r\nContent-Disposition: form-data; name="client_secret"\r\n\r\na b\r\n--b--',
      '--b\r\nContent-Disposition: form-data; name="client_secret"\r\n\r\n[redacted]\n--b--',
    ],
    ['see https://user:pa55@host/x', 'see https://[redacted]@host/x'],
    ['Authorization was Bearer abc123def456ghi7', 'Authorization was Bearer [redacted]'],
    ['{"url":"https:\\/\\/x\\/?token=abc%20d"}', '{"url":"https:\\/\\/x\\/?token=[redacted]"}'],
    ['xoxb-1234567890-abcdef and RT1-12-ABCDEF', '[redacted] and [redacted]'],
  ])('%s', (given, wanted) => expect(plain.text(given)).toBe(wanted));

  it.each([
    ['grant=x&client%5Fsecret=a%26b&n=1', 'grant=x&client%5Fsecret=[redacted]&n=1'],
    ['password=a&password=&pass=b', 'password=[redacted]&password=[redacted]&pass=b'],
    ['user[password]=x y', 'user[password]=[redacted]'],
  ])('in a form: %s', (given, wanted) => expect(plain.text(given, true)).toBe(wanted));

  it.each([
    [
      'https://u:p@api.example/a?api_key=k&state=IL#frag',
      'https://[redacted]@api.example/a?api_key=[redacted]&state=IL',
    ],
    ['https://api.example/a?access%5Ftoken=k', 'https://api.example/a?access%5Ftoken=[redacted]'],
  ])('in a URL: %s', (given, wanted) => expect(plain.url(given)).toBe(wanted));
});

describe('ordinary data', () => {
  it.each([
    '{"state":"IL","code":"610","SyncToken":"0","next_page_token":"dXNlcg==","secretary":"Ann"}',
    '{"Name":"Basic Insurance","note":"bearer certificates","hasPassword":true,"password":null}',
    '{"path":"C:\\\\temp\\\\new","percent":"100%25","amp":"a &amp; b","plus":"1+1"}',
    'Invalid token: it is expired. The password must have 8 characters.',
    'ap@example.com http://host:8080/path?q=a:b@c',
  ])('stays as it is: %s', (text) => expect(plain.text(text)).toBe(text));

  it('stays as it is, byte for byte, whatever it is', () => {
    const name = fc
      .string({ maxLength: 12 })
      .filter((text) => !/token|secret|pass|pwd|key|auth|assert|verif|cred/i.test(text));
    const json = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.string(),
        fc.double(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value')),
        fc.dictionary(name, tie('value')),
      ),
    })).value;
    fc.assert(
      fc.property(json, (value) => {
        const bytes = Buffer.from(JSON.stringify(value));
        fc.pre(!/:\/\/|bearer|basic|eyJ|xox|xapp|RT1-|AB11|=/i.test(bytes.toString()));
        expect(redactor('a secret that is nowhere').bytes(bytes)).toBe(bytes);
      }),
    );
  });
});
