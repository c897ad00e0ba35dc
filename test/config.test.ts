import { execFile, execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CONFIG_LIMIT, loadConfig } from '../src/config.ts';
import { LwiError } from '../src/errors.ts';
import { unprivileged } from './support/unprivileged.ts';

let directory: string;
let file: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lwi-config-'));
  file = join(directory, 'config.json');
});
afterAll(() => rm(directory, { recursive: true }));

async function load(content: unknown) {
  await writeFile(file, typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content));
  return loadConfig(file);
}

async function refused(content: unknown, message: string) {
  await expect(load(content)).rejects.toEqual(new LwiError('CONFIG_INVALID', `${file}: ${message}`));
}

const acme = { id: 'acme', api: { baseUrl: 'https://api.acme.example/v1' } };
const withAcme = (changes: object) => ({ providers: { acme: { ...acme, ...changes } } });
const withColumns = (columns: object) => withAcme({ streams: [{ name: 'items', path: '/', columns }] });
const withPage = (page: unknown) => withAcme({ streams: [{ name: 'items', path: '/items', page }] });

const PROVIDER_ID = 'a lower-case letter, then up to 31 lower-case letters, digits and hyphens';
const SECURE = 'an https URL (http on loopback hosts only), without user name, password or fragment';

/** The definition of the command contract, every setting in it. */
const FULL = {
  id: 'acme',
  title: 'Acme',
  oauth: {
    grant: 'authorization_code',
    issuer: 'https://id.acme.example',
    authorizationEndpoint: '',
    tokenEndpoint: '',
    revocationEndpoint: '',
    deviceAuthorizationEndpoint: '',
    clientAuthentication: 'basic',
    pkce: true,
    scopes: ['read'],
    scopeSeparator: ' ',
    redirectUri: 'http://127.0.0.1/callback',
    authorizationParameters: { prompt: 'consent' },
    externalId: { from: 'callback', name: 'companyId' },
  },
  api: {
    baseUrl: 'https://api.acme.example/v1',
    headers: { accept: 'application/json' },
    probe: '/me',
    requestIdHeader: 'x-request-id',
  },
  limits: [{ name: 'default', permits: 100, perMs: 60000, burst: 10, concurrency: 4 }],
  streams: [
    {
      name: 'items',
      path: '/items',
      items: 'data',
      id: 'id',
      updatedAt: 'updated_at',
      deleted: 'is_deleted',
      since: { parameter: 'updated_after', format: 'iso' },
      page: { type: 'cursor', parameter: 'cursor', next: 'meta.next_cursor', sizeParameter: 'limit', size: 100 },
    },
  ],
  webhook: {
    scheme: 'hmac',
    algorithm: 'sha256',
    encoding: 'hex',
    header: 'x-signature',
    prefix: 'sha256=',
    timestampHeader: 'x-timestamp',
    signed: '{timestamp}.{body}',
    idHeader: 'x-event-id',
    toleranceMs: 300000,
  },
};

describe('a config that fits', () => {
  test('no file is an empty config', async () => {
    expect(await loadConfig(join(directory, 'absent.json'))).toEqual({});
    expect(await loadConfig(join(directory, 'absent', 'config.json'))).toEqual({});
  });

  test('everything that the contract names', async () => {
    const config = {
      account: 'north@example',
      env: 'sandbox',
      endpoints: {
        slack: {
          authorizationEndpoint: '',
          tokenEndpoint: 'http://127.0.0.1:8080/token',
          apiBaseUrl: 'https://x.example/api',
        },
      },
      providers: { acme: FULL, mini: { id: 'mini', api: { baseUrl: 'http://[::1]:9/' } } },
      redirectUris: { quickbooks: 'https://relay.example/callback', acme: 'http://127.0.0.1/callback' },
      timeouts: {
        ...{ connectMs: 1, headersMs: 2, bodyMs: 3, attemptMs: 3_600_000, callMs: 86_400_000 },
        providers: { quickbooks: { headersMs: 4 }, acme: {} },
      },
      retry: { attempts: 1, baseDelayMs: 5, maxDelayMs: 5 },
      limits: { quickbooks: { share: 0.5 }, acme: { share: 1 }, slack: {} },
      database: 'postgres://db.example/lwi',
    };
    expect(await load(config)).toEqual(config);
  });

  test('every page type', async () => {
    for (const page of [
      { type: 'none' },
      { type: 'link', sizeParameter: 'per_page', size: 50 },
      { type: 'offset', parameter: 'skip', first: 0 },
      { type: 'page', parameter: 'page', first: 1, next: 'has_more' },
    ]) {
      expect(await load(withPage(page))).toEqual(withPage(page));
    }
  });

  test('a byte order mark is passed over', async () => {
    expect(await load('\ufeff{"account":"a"}')).toEqual({ account: 'a' });
  });

  test('the schema is not loaded where there is nothing to check', async () => {
    await writeFile(file, '{}');
    const script = `
      const { registerHooks } = await import('node:module');
      registerHooks({ load(url, context, next) { if (url.includes('valibot')) console.log('loaded'); return next(url, context); } });
      const { loadConfig } = await import('./src/config.ts');
      await import('./src/providers/find.ts');
      await loadConfig(process.argv[1]);`;
    const run = (path: string) =>
      execFileSync(process.execPath, ['--input-type=module', '-e', script, path], { encoding: 'utf8' }).trim();
    expect([run(join(directory, 'absent.json')), run(file)]).toEqual(['', '']);
    await writeFile(file, '{"account":"a"}');
    expect(run(file)).toContain('loaded');
  });
});

describe('a config that does not parse', () => {
  const cases: readonly [string, string | Buffer, string][] = [
    ['an empty file', '', 'line 1, column 1: expected a value'],
    ['a trailing comma', '{\n  "account": "a",\n}', 'line 3, column 1: expected a name in double quotes'],
    [
      'a missing comma',
      '{"account": "a"\n "env": "mock"}',
      'line 2, column 2: expected a comma or the closing bracket',
    ],
    ['a missing colon', '{"account" "a"}', 'line 1, column 12: expected a colon'],
    ['a name without quotes', '{account: 1}', 'line 1, column 2: expected a name in double quotes or }'],
    ['single quotes', "{'account': 1}", 'line 1, column 2: expected a name in double quotes or }'],
    ['a comment', '{} // note', 'line 1, column 4: expected nothing more'],
    ['a word', '{"account": nul}', 'line 1, column 13: expected a value'],
    ['a number with a leading zero', '{"account": 01}', 'line 1, column 13: expected a value'],
    ['a list that never ends', '{"a": [1, 2', 'line 1, column 12: expected a comma or the closing bracket'],
    ['text that never ends', '{"a": "b', 'line 1, column 9: expected a closing double quote'],
    [
      'a line break in text',
      '{"a": "b\nc"}',
      'line 1, column 9: expected a double quote (a line break in text is written \\n)',
    ],
    ['a bad escape', '{"a": "C:\\dir"}', 'line 1, column 10: expected a valid escape behind the backslash'],
    ['the wrong bracket', '{"a": [1}', 'line 1, column 9: expected a comma or the closing bracket'],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'is not UTF-8 text'],
  ];
  for (const [name, content, message] of cases) test(name, () => refused(content, message));

  test('nesting of any depth', () => refused('['.repeat(500_000), 'line 1, column 500001: expected a value or ]'));
});

describe('a config that does not fit', () => {
  const cases: readonly [unknown, string][] = [
    [[], 'the whole file: expected an object, found a list'],
    ['null', 'the whole file: expected an object, found null'],
    ['"text"', 'the whole file: expected an object'],
    [{ accounts: 'a' }, 'accounts: unknown key'],
    [{ account: 7 }, 'account: expected an account id: letters, digits and ._@-, found a number'],
    [{ account: '../x' }, 'account: expected an account id: letters, digits and ._@-'],
    [{ account: '' }, 'account: expected an account id: letters, digits and ._@-'],
    [{ env: 'live' }, 'env: expected one of production, sandbox, mock'],
    [{ timeouts: { connectMs: 0 } }, 'timeouts.connectMs: expected a whole number from 1 to 3600000'],
    [{ timeouts: { connectMs: '5s' } }, 'timeouts.connectMs: expected a whole number from 1 to 3600000'],
    [{ timeouts: { callMs: 1e9 } }, 'timeouts.callMs: expected a whole number from 1 to 86400000'],
    [{ timeouts: { connect: 1 } }, 'timeouts.connect: unknown key'],
    [
      { timeouts: { providers: { slack: { bodyMs: 1.5 } } } },
      'timeouts.providers.slack.bodyMs: expected a whole number from 1 to 3600000',
    ],
    [{ timeouts: { providers: { Slack: {} } } }, `timeouts.providers.Slack: expected ${PROVIDER_ID}`],
    [{ retry: { attempts: 0 } }, 'retry.attempts: expected a whole number from 1 to 100'],
    [{ retry: { deadlineMs: 1 } }, 'retry.deadlineMs: unknown key'],
    [{ retry: { baseDelayMs: 2, maxDelayMs: 1 } }, 'retry: expected `baseDelayMs` to be no more than `maxDelayMs`'],
    [{ limits: { slack: { share: 0 } } }, 'limits.slack.share: expected a number above 0 and up to 1'],
    [{ limits: { slack: { share: 1.01 } } }, 'limits.slack.share: expected a number above 0 and up to 1'],
    [{ limits: { slack: { permits: 5 } } }, 'limits.slack.permits: unknown key'],
    [{ endpoints: [] }, 'endpoints: expected an object, found a list'],
    [{ endpoints: { slack: { tokenUrl: '' } } }, 'endpoints.slack.tokenUrl: unknown key'],
    [
      { endpoints: { slack: { tokenEndpoint: 'http://evil.example/t' } } },
      `endpoints.slack.tokenEndpoint: expected ${SECURE}`,
    ],
    [
      { endpoints: { slack: { tokenEndpoint: 'http://127.0.0.1.evil.example/t' } } },
      `endpoints.slack.tokenEndpoint: expected ${SECURE}`,
    ],
    [
      { endpoints: { slack: { tokenEndpoint: 'http://localhost@evil.example/' } } },
      `endpoints.slack.tokenEndpoint: expected ${SECURE}`,
    ],
    [
      { endpoints: { slack: { apiBaseUrl: 'https://u:p@x.example' } } },
      `endpoints.slack.apiBaseUrl: expected ${SECURE}`,
    ],
    [{ endpoints: { slack: { apiBaseUrl: 'ftp://x.example' } } }, `endpoints.slack.apiBaseUrl: expected ${SECURE}`],
    [{ redirectUris: { quickbooks: 'http://relay.example/' } }, `redirectUris.quickbooks: expected ${SECURE}`],
    [{ redirectUris: { quickbooks: 'relay' } }, `redirectUris.quickbooks: expected ${SECURE}`],
    [{ redirectUris: { quickbooks: 'https://relay.example/#x' } }, `redirectUris.quickbooks: expected ${SECURE}`],
    [
      { redirectUris: { slack: 'http://localhost/callback' } },
      'redirectUris.slack: expected a port with localhost (a loopback IP without a port takes any free one)',
    ],
    [{ database: '' }, 'database: expected a URL of a PostgreSQL database: postgres://user@host:5432/database'],
    [{ providers: { acme: { id: 'acme' } } }, 'providers.acme.api: is missing'],
    [{ providers: { acme: { api: acme.api } } }, 'providers.acme.id: is missing'],
    [{ providers: { other: acme } }, 'providers.other.id: expected "other", the name it stands under'],
    [
      { providers: { Acme: { ...acme, id: 'Acme' } } },
      'providers.Acme: expected a lower-case letter, then up to 31 lower-case letters, digits and hyphens; providers.Acme.id: expected a lower-case letter, then up to 31 lower-case letters, digits and hyphens',
    ],
    ['{"providers":{"constructor":{}}}', 'providers: expected no reserved names'],
    ['{"providers":{"__proto__":{}}}', 'providers: expected no reserved names'],
    [withAcme({ api: {} }), 'providers.acme.api.baseUrl: is missing'],
    [
      withAcme({ api: { baseUrl: 'https://x.example/?a=1' } }),
      `providers.acme.api.baseUrl: expected ${SECURE}, and without a query`,
    ],
    [
      withAcme({ api: { ...acme.api, probe: 'me' } }),
      'providers.acme.api.probe: expected a path that begins with one slash',
    ],
    [
      withAcme({ api: { ...acme.api, probe: '//evil.example/' } }),
      'providers.acme.api.probe: expected a path that begins with one slash',
    ],
    [
      withAcme({ api: { ...acme.api, headers: { Authorization: 'Bearer x' } } }),
      'providers.acme.api.headers.Authorization: expected another header: lwi sets this one itself',
    ],
    [
      withAcme({ api: { ...acme.api, headers: { accept: 'a\r\nb: c' } } }),
      'providers.acme.api.headers.accept: expected printable ASCII',
    ],
    [
      withAcme({ oauth: { grant: 'implicit' } }),
      'providers.acme.oauth.grant: expected one of authorization_code, client_credentials, password, device_code',
    ],
    [withAcme({ oauth: { clientSecret: 'hush' } }), 'providers.acme.oauth.clientSecret: unknown key'],
    [withAcme({ oauth: { pkce: 'yes' } }), 'providers.acme.oauth.pkce: expected true or false'],
    [withAcme({ oauth: { scopes: 'read' } }), 'providers.acme.oauth.scopes: expected a list of scopes'],
    [withAcme({ oauth: { scopes: ['read', 5] } }), 'providers.acme.oauth.scopes[1]: expected text, found a number'],
    [
      withAcme({ oauth: { externalId: { from: 'body', name: 'x' } } }),
      'providers.acme.oauth.externalId.from: expected one of callback, token, idToken',
    ],
    [withAcme({ oauth: { externalId: { from: 'token' } } }), 'providers.acme.oauth.externalId.name: is missing'],
    [
      withAcme({ limits: [{ permits: 0 }] }),
      'providers.acme.limits[0].permits: expected a whole number from 1 to 1000000000',
    ],
    [
      withAcme({ limits: [{ name: 'a' }, { name: 'a' }] }),
      'providers.acme.limits: expected limits with different names',
    ],
    [withAcme({ streams: [{ name: 'items' }] }), 'providers.acme.streams[0].path: is missing'],
    [
      withAcme({ streams: [{ name: 'My Items', path: '/' }] }),
      'providers.acme.streams[0].name: expected lower-case letters, digits, hyphens and underscores',
    ],
    [
      withPage({ type: 'curser' }),
      'providers.acme.streams[0].page.type: expected one of cursor, offset, page, link, none',
    ],
    [
      withColumns({ data: 'a' }),
      'providers.acme.streams[0].columns.data: expected another name: every view has a column of this name',
    ],
    [
      withColumns(Object.fromEntries(Array.from({ length: 501 }, (_, at) => [`c${at}`, 'a']))),
      'providers.acme.streams[0].columns: expected at most 500 columns',
    ],
    [withPage({}), 'providers.acme.streams[0].page.type: expected one of cursor, offset, page, link, none'],
    [withPage({ type: 'cursor', parameter: 'c' }), 'providers.acme.streams[0].page.next: is missing'],
    [withPage({ type: 'link', parameter: 'c' }), 'providers.acme.streams[0].page.parameter: unknown key'],
    [
      withAcme({ webhook: { scheme: 'paypal' } }),
      'providers.acme.webhook.scheme: expected one of slack, intuit, mycarrierpackets, github, stripe, shopify, standard-webhooks, hubspot-v3, hmac',
    ],
    [
      withAcme({ webhook: { signed: 'body' } }),
      'providers.acme.webhook.signed: expected a template that holds {body} exactly once',
    ],
    [
      withAcme({ webhook: { signed: '{body}{body}' } }),
      'providers.acme.webhook.signed: expected a template that holds {body} exactly once',
    ],
    [
      withAcme({ webhook: { signed: '{nonce}{body}' } }),
      'providers.acme.webhook.signed: expected a template with no placeholder but {timestamp}, {id}, {body}, {method} and {url}',
    ],
    [
      withAcme({ webhook: { signed: '{id}.{body}' } }),
      'providers.acme.webhook.idHeader: expected a header name, because `signed` holds {id}',
    ],
    [
      withAcme({ webhook: { timestampHeader: 'x-t', signed: '{body}' } }),
      'providers.acme.webhook.signed: expected a template that holds {timestamp}: a time that is not signed protects from nothing',
    ],
    [
      withAcme({ webhook: { scheme: 'github', header: 'x-other' } }),
      'providers.acme.webhook.header: expected nothing beside scheme, idHeader, idField, typeHeader, toleranceMs: the preset github settles the rest',
    ],
    [
      withAcme({ webhook: { signed: '{timestamp}.{body}' } }),
      'providers.acme.webhook.timestampHeader: expected a header name, or `timestampPrefix`, because `signed` holds {timestamp}',
    ],
    [
      withAcme({ webhook: { timestampPrefix: '', separator: ',' } }),
      'providers.acme.webhook.timestampPrefix: expected printable ASCII, not empty, that does not begin with a blank',
    ],
    [
      withAcme({ webhook: { timestampPrefix: 't=' } }),
      'providers.acme.webhook.separator: expected what stands between time and signature, because `timestampPrefix` puts both into one header',
    ],
    [
      withAcme({ webhook: { timestampPrefix: 't=', timestampHeader: 'x-t', separator: ',' } }),
      'providers.acme.webhook.timestampPrefix: expected nothing, because `timestampHeader` says where the time is',
    ],
    [
      withAcme({ webhook: { timestampPrefix: 'v1=', prefix: 'v1=', separator: ',' } }),
      'providers.acme.webhook.timestampPrefix: expected a prefix that no signature begins with',
    ],
    [
      withAcme({ webhook: { separator: 'ab' } }),
      'providers.acme.webhook.separator: expected printable ASCII with a character that no signature holds',
    ],
    [
      withAcme({ webhook: { separator: ',', prefix: 'v1,' } }),
      'providers.acme.webhook.separator: expected a separator that no prefix holds',
    ],
    [
      withAcme({ webhook: { separator: '' } }),
      'providers.acme.webhook.separator: expected printable ASCII with a character that no signature holds',
    ],
    [
      withAcme({ webhook: { timestampUnit: 'ms' } }),
      'providers.acme.webhook.timestampUnit: expected nothing, because neither `timestampHeader` nor `timestampPrefix` says where the time is',
    ],
    [
      withAcme({ webhook: { timestampUnit: 'us', timestampHeader: 'x-t' } }),
      'providers.acme.webhook.timestampUnit: expected one of s, ms',
    ],
    [
      withAcme({ webhook: { prefixOptional: true } }),
      'providers.acme.webhook.prefixOptional: expected nothing, because a signature without its `prefix` could not be told from one with it',
    ],
    [withAcme({ webhook: { prefixOptional: 'yes' } }), 'providers.acme.webhook.prefixOptional: expected true or false'],
    [
      withAcme({ webhook: { secretPrefix: 'whsec_' } }),
      'providers.acme.webhook.secretPrefix: expected nothing, because `secretEncoding` is utf8, and then the whole secret is the key',
    ],
    [
      withAcme({ webhook: { secretEncoding: 'base32' } }),
      'providers.acme.webhook.secretEncoding: expected one of utf8, base64, hex',
    ],
    [withAcme({ webhook: { typeHeader: 'a b' } }), 'providers.acme.webhook.typeHeader: expected a header name'],
    [withAcme({ webhook: { idField: 7 } }), 'providers.acme.webhook.idField: expected text, found a number'],
    [withAcme({ webhook: { headerAliases: {} } }), 'providers.acme.webhook.headerAliases: unknown key'],
    [
      withAcme({ oauth: { scopes: [1, 2, 3, 4, 5, 6, 7] } }),
      `${[0, 1, 2, 3, 4].map((index) => `providers.acme.oauth.scopes[${index}]: expected text, found a number`).join('; ')}; and 2 more`,
    ],
  ];
  for (const [content, message] of cases) test(message, () => refused(content, message));

  test('a secret in the wrong place is not repeated', async () => {
    const planted = 'xoxb-planted-secret';
    const everywhere = {
      [planted]: 1,
      account: `${planted} !`,
      env: planted,
      database: 5,
      providers: { acme: { ...acme, oauth: { grant: planted, tokenEndpoint: planted } } },
    };
    const error = await load(everywhere).catch((thrown: unknown) => thrown);
    expect(String(error).replace(`${planted}: unknown key`, '')).not.toContain(planted);
  });
});

describe('a config that cannot be read', () => {
  test('a directory', async () => {
    await expect(loadConfig(directory)).rejects.toEqual(
      new LwiError('CONFIG_INVALID', `${directory}: is not a regular file`),
    );
  });

  test('more than the limit', async () => {
    await refused(`{"account":"${'a'.repeat(CONFIG_LIMIT)}"}`, `is larger than ${CONFIG_LIMIT} bytes`);
  });

  test('a pipe that nobody writes to', async () => {
    const pipe = join(directory, 'pipe');
    await promisify(execFile)('mkfifo', [pipe]);
    await expect(loadConfig(pipe)).rejects.toEqual(new LwiError('CONFIG_INVALID', `${pipe}: is not a regular file`));
  });

  test('a path through a file is no config: what is wrong there is the place of the data too, and the store says so', async () => {
    await writeFile(file, '{}');
    expect(await loadConfig(join(file, 'config.json'))).toEqual({});
  });

  test('links that go round in a circle', async () => {
    const loop = join(directory, 'loop.json');
    await symlink(loop, loop);
    await expect(loadConfig(loop)).rejects.toMatchObject({ message: `${loop}: cannot be read (ELOOP)` });
  });

  test('a file without the right to read it: the remedy is that right', async () => {
    const locked = join(directory, 'locked');
    await mkdir(locked);
    const closed = join(locked, 'config.json');
    await writeFile(closed, '{}');
    await chmod(closed, 0);
    await expect(unprivileged(() => loadConfig(closed))).rejects.toMatchObject({
      ...{ code: 'CONFIG_INVALID', message: `${closed}: cannot be read (EACCES)` },
      hint: `Make it readable for this user: \`chmod u+rw '${closed}'\`, or \`chmod u+rwx '${locked}'\` where that lets nobody in.`,
    });
  });
});
