import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkConfig, checkProviderFile } from '../../src/config-schema.ts';
import { MEMBERS_PAGE, schemaPages, withMemberTables } from './provider-schema.ts';

const DOCS = fileURLToPath(new URL('../../docs/', import.meta.url));
const pages = schemaPages();
const ajv = new Ajv({ strictTypes: false, allErrors: true });
const validator = (name: string) => ajv.compile(JSON.parse(pages[name] ?? '{}') as object);
const fitsProvider = validator('provider.schema.json');
const fitsConfig = validator('config.schema.json');

type Json = Readonly<Record<string, unknown>>;

/** Every member there is. */
const WHOLE: Json = {
  $schema: './provider.schema.json',
  ...{ id: 'acme', title: 'Acme' },
  oauth: {
    ...{ grant: 'authorization_code', issuer: 'https://id.acme.example/', authorizationEndpoint: '' },
    ...{ tokenEndpoint: 'http://127.0.0.1:8080/token', revocationEndpoint: 'http://[::1]/revoke' },
    ...{ deviceAuthorizationEndpoint: 'https://id.acme.example/device?a=b', clientAuthentication: 'body', pkce: true },
    ...{ scopes: ['a', 'b:c'], scopeSeparator: ',', redirectUri: 'http://localhost:8914/cb' },
    ...{ authorizationParameters: { prompt: 'consent' }, externalId: { from: 'token', name: 'a.b' } },
  },
  api: {
    ...{ baseUrl: 'https://api.acme.example/v1/', headers: { 'X-Version': '2026-01-05' } },
    ...{ probe: '/me?x=1', requestIdHeader: 'X-Request' },
  },
  limits: [{ name: 'a', permits: 1, perMs: 1000, burst: 1, concurrency: 1 }, { name: 'b' }],
  streams: [
    {
      ...{ name: 'loads', path: '/{externalId}/loads', items: 'data', id: 'id', updatedAt: 'u', deleted: 'd' },
      ...{ columns: { lane: 'lane' }, since: { parameter: 's', format: 'epoch' } },
      page: { type: 'cursor', parameter: 'c', next: 'n', more: 'm', sizeParameter: 'z', size: 5 },
    },
    {
      name: 'a',
      path: '/a',
      page: { type: 'offset', parameter: 'o', first: 0, next: 'n', sizeParameter: 'z', size: 5 },
    },
    { name: 'b', path: '/b', page: { type: 'link', sizeParameter: 'z', size: 5 } },
    { name: 'c', path: '/c', page: { type: 'none' } },
  ],
  webhook: {
    ...{
      scheme: 'hmac',
      algorithm: 'sha512',
      encoding: 'base64',
      header: 'x-sig',
      prefix: 'v=',
      prefixOptional: false,
    },
    ...{ separator: ',', timestampPrefix: 't=', timestampUnit: 'ms', signed: '{timestamp}{method}{url}{body}{id}.' },
    ...{ secretEncoding: 'base64', secretPrefix: 'whsec_', idHeader: 'x-id', idField: 'id', typeHeader: 'x-type' },
    toleranceMs: 1000,
  },
};
const PRESET: Json = { id: 'p', api: { baseUrl: 'https://p.example' }, webhook: { scheme: 'github', idField: 'a.b' } };
const CONFIG: Json = {
  ...{ $schema: './config.schema.json', account: 'north', env: 'mock', database: 'postgres://lwi@db.example/lwi' },
  endpoints: {
    slack: { authorizationEndpoint: '', tokenEndpoint: 'https://x.example/t', apiBaseUrl: 'https://x.example' },
  },
  providers: { acme: WHOLE },
  redirectUris: { quickbooks: 'https://relay.example/cb' },
  timeouts: { connectMs: 1, headersMs: 1, bodyMs: 1, attemptMs: 1, callMs: 1, providers: { slack: { callMs: 5 } } },
  retry: { attempts: 3, baseDelayMs: 1, maxDelayMs: 2 },
  limits: { slack: { share: 0.5 } },
};

/** Definitions that the pages show, and the examples. */
function shownDefinitions(): readonly (readonly [string, unknown])[] {
  const files = readdirSync(DOCS, { recursive: true, encoding: 'utf8' });
  const examples = files
    .filter((file) => /^examples.+\.json$/.test(file))
    .map((file) => [file, JSON.parse(readFileSync(join(DOCS, file), 'utf8'))] as const);
  const shown = files
    .filter((file) => file.endsWith('.md'))
    .flatMap((file) =>
      [...readFileSync(join(DOCS, file), 'utf8').matchAll(/^```json\n([\s\S]*?)^```/gm)]
        .map(([, text = '']) => JSON.parse(text) as Json)
        .filter((value) => 'api' in value)
        .map((value) => [`${file}: ${String(value['id'])}`, value] as const),
    );
  return [...examples, ...shown];
}

/** What only lwi itself can find: members that are at odds with each other, and addresses that only a parser understands. */
const BEYOND = [
  /(limits|streams) with different names/,
  /webhook\.\w+: expected (nothing|another header|a prefix that no|a separator that no|a template that holds \{timestamp\}|a header name, (or|because))/,
  /`baseDelayMs` to be no more/,
  /the name it stands under/,
];

describe('the published schemas', () => {
  test.each(shownDefinitions())('take what %s shows', (_, definition) => {
    expect(checkProviderFile(definition)).toHaveProperty('value');
    expect([fitsProvider(definition), fitsProvider.errors]).toEqual([true, null]);
  });

  test('take every member there is', () => {
    expect(shownDefinitions().length).toBeGreaterThan(6);
    for (const definition of [WHOLE, PRESET]) {
      expect(checkProviderFile(definition)).toHaveProperty('value');
      expect([fitsProvider(definition), fitsProvider.errors]).toEqual([true, null]);
    }
    expect(checkConfig(CONFIG)).toHaveProperty('value');
    expect([fitsConfig(CONFIG), fitsConfig.errors]).toEqual([true, null]);
  });

  test.each([
    ['a definition', [WHOLE, PRESET], checkProviderFile, fitsProvider],
    ['a config', [CONFIG], checkConfig, fitsConfig],
  ] as const)('refuse in %s what lwi refuses, and nothing else', (_, wholes, check, fits) => {
    let refused = 0;
    fc.assert(
      fc.property(fc.constantFrom(...wholes), fc.nat(), mutation, (whole, place, change) => {
        const broken = mutated(whole, place, change);
        const checked = check(broken);
        const problems = 'value' in checked ? [] : checked.problems;
        if (problems.length > 0 && problems.every((each) => BEYOND.some((one) => one.test(each)))) return;
        refused += problems.length > 0 ? 1 : 0;
        const fit = fits(broken);
        if (fit !== (problems.length === 0)) {
          throw new Error(
            `${JSON.stringify(change)}: lwi says ${problems.join('; ') || 'yes'}, the schema ${JSON.stringify(fits.errors)}`,
          );
        }
      }),
      { numRuns: 700 },
    );
    expect(refused).toBeGreaterThan(150);
  });

  test('say what each member means, in the page too', () => {
    const page = readFileSync(MEMBERS_PAGE, 'utf8');
    expect(page.match(/<!-- table: /g)).toHaveLength(2);
    // Else run `npm run docs`.
    expect(page).toBe(withMemberTables(page));
  });
});

const VALUES: readonly unknown[] = [
  ...[null, true, false, 0, 1, -1, 1.5, 1e12, [], {}, [null], ['a', 'a'], { a: 'b' }, { a: 1 }, { type: 'none' }],
  ...[
    '',
    ' ',
    'a',
    'A',
    'a b',
    'id',
    'é',
    'hmac',
    'github',
    'cursor',
    'iso',
    'body',
    '/a',
    '//a',
    '/a#b',
    'constructor',
  ],
  ...['https://x.example', 'http://x.example', 'http://localhost/cb', 'http://127.0.0.1:1/a', 'https://a:b@x.example'],
  ...[
    'https://x.example/#a',
    'https://x.example?a=b',
    'ftp://x.example',
    '{body}',
    '{body}{body}',
    '{timestamp}',
    '{x}{body}',
  ],
  ...['x'.repeat(70), 'Authorization', 'x-ok', 'x:y', 'a.b', 'sha256', 's', 'ms', '\n'],
];

type Mutation = { readonly set: unknown } | { readonly add: string; readonly value: unknown } | 'remove';

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...VALUES).map((set) => ({ set })) },
  {
    weight: 3,
    arbitrary: fc.record({
      add: fc.constantFrom(
        'stray',
        'id',
        'name',
        'type',
        'Cookie',
        'header',
        '$schema',
        'x_1',
        'data',
        'prototype',
        'Slack',
      ),
      value: fc.constantFrom(...VALUES),
    }),
  },
  { weight: 2, arbitrary: fc.constant('remove' as const) },
);

/** The value with one member changed, added or taken away, at one of all its places. */
function mutated(whole: unknown, place: number, change: Mutation): unknown {
  const copy = structuredClone(whole);
  const places: { at: Record<string, unknown>; name: string }[] = [];
  const visit = (value: unknown) => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, member] of Object.entries(value)) {
      places.push({ at: value as Record<string, unknown>, name });
      visit(member);
    }
  };
  visit(copy);
  const chosen = places[place % places.length];
  if (chosen === undefined) return copy;
  if (change === 'remove') {
    if (Array.isArray(chosen.at)) chosen.at.splice(Number(chosen.name), 1);
    else delete chosen.at[chosen.name];
  } else if ('set' in change) chosen.at[chosen.name] = change.set;
  else if (Array.isArray(chosen.at)) chosen.at.push(change.value as never);
  else chosen.at[change.add] = change.value;
  return copy;
}
