import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Answer, oddServer, type Received } from '../support/odd-server.ts';
import { openTokens, shownIn } from '../support/planted.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';

const CLIENT_SECRET = 'planted/client+secret="q7Hd0x"\\é';
const PASSWORD = 'planted password & more: 9Kw2';
const WEBHOOK_SECRET = 'planted-webhook-secret-5Tz81m';
const GIVEN = 'planted-by-hand-7Yq2/é"';

const unicodeEscapes = (text: string) =>
  Array.from({ length: text.length }, (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`).join('');
const form = (text: string) => new URLSearchParams([['', text]]).toString().slice(1);

/** Every way of writing a value that the search below knows, and some that it does not, as the inside of JSON strings. */
function written(secret: string): string[] {
  const escaped = JSON.stringify(secret).slice(1, -1);
  const base64 = ['', 'a', 'ab'].flatMap((before) => {
    const bytes = Buffer.from(before + secret);
    return [bytes.toString('base64'), bytes.toString('base64url'), bytes.toString('base64').replaceAll('/', '\\/')];
  });
  const basic = Buffer.from(`app:${form(secret)}`).toString('base64');
  const hex = Buffer.from(secret).toString('hex');
  return [
    ...[escaped, escaped.replaceAll('/', '\\/'), unicodeEscapes(secret), JSON.stringify(escaped).slice(1, -1)],
    ...[encodeURIComponent(secret), form(secret), hex, hex.toUpperCase(), `Basic ${basic}`, ...base64],
  ];
}

/** The same search in the file, in every text of the archive, and in the bodies that are base64. */
function shown(file: string, planted: Readonly<Record<string, string>>): string[] {
  const content = readFileSync(file);
  const texts: string[] = [];
  JSON.parse(content.toString(), (_name, value: unknown) => {
    if (typeof value === 'string') texts.push(value);
    return value;
  });
  const decoded = texts.flatMap((text) => [text, Buffer.from(text, 'base64').toString('latin1')]);
  const escapes = Object.fromEntries(
    Object.entries(planted).flatMap(([name, secret]) =>
      written(secret).map((text, at) => [`${name}, form ${at}`, text]),
    ),
  );
  const contains = (text: Buffer) =>
    Object.entries(escapes).flatMap(([name, form]) => (text.includes(form) ? [name] : []));
  return [content, Buffer.from(texts.join('\n')), Buffer.from(decoded.join('\n'), 'latin1')].flatMap((bytes) => [
    ...shownIn(bytes, planted),
    ...contains(bytes),
  ]);
}

/** An API that says everything that it was told, and everything that it should not know, wherever it can. */
function talkative(planted: () => readonly string[]): (request: Received) => Answer {
  return (request) => {
    const secrets = [...planted(), request.headers.authorization?.slice(7) ?? ''];
    const said = secrets.flatMap(written);
    const json = `{"message":"${said.join(' ')}","list":["${said.join('","')}"],"${said[0]}":1,"state":"IL","code":"610","body":"${JSON.stringify(request.body).slice(1, -1).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"}`;
    const headers = {
      'x-said': secrets.map(encodeURIComponent).join(' '),
      'set-cookie': `session=${encodeURIComponent(GIVEN)}; Path=/`,
      location: `https://user:${encodeURIComponent(GIVEN)}@elsewhere.example/?code=${encodeURIComponent(secrets[0] ?? '')}`,
    };
    return {
      status: request.path.endsWith('/refused') ? 400 : 200,
      html: json,
      headers: { ...headers, 'content-type': 'application/json' },
    };
  };
}

test('no recording holds a secret, in whatever form it was sent or came back', { timeout: 90_000 }, async () => {
  const planted: Record<string, string> = {
    'the client secret': CLIENT_SECRET,
    'the password': PASSWORD,
    'the webhook secret': WEBHOOK_SECRET,
  };
  const echo = await oddServer(talkative(() => Object.values(planted)));
  const lwi = await openScenario({ records: 4 });
  planted['the key'] = lwi.key;
  const env = {
    ...{ LWI_QUICKBOOKS_CLIENT_ID: 'app', LWI_QUICKBOOKS_CLIENT_SECRET: CLIENT_SECRET, LWI_ENV: 'sandbox' },
    ...{ LWI_MYCARRIERPACKETS_USERNAME: 'broker@example.com', LWI_MYCARRIERPACKETS_PASSWORD: PASSWORD },
  };
  const at = `${lwi.mockUrl}/quickbooks`;
  const endpoints = (apiBaseUrl: string) =>
    lwi.config({
      endpoints: {
        quickbooks: {
          ...{ authorizationEndpoint: `${at}/connect/oauth2`, tokenEndpoint: `${at}/oauth2/v1/tokens/bearer` },
          apiBaseUrl,
        },
      },
    });
  endpoints(at);
  await lwi.connected(['quickbooks'], { env });
  await lwi.run(['secret', 'set', 'quickbooks', 'webhook-secret'], { env, stdin: WEBHOOK_SECRET });
  for (const [index, token] of (await openTokens(lwi.home, lwi.key)).entries()) planted[`token ${index}`] = token;
  endpoints(echo.url);

  const files: string[] = [];
  // The vault alone knows the client secret now.
  const later = { ...env, LWI_QUICKBOOKS_CLIENT_ID: undefined, LWI_QUICKBOOKS_CLIENT_SECRET: undefined };
  const record = async (scenario: Scenario, words: readonly string[], stdin?: string) => {
    const file = join(lwi.cwd, `${files.length}.har`);
    files.push(file);
    const ran = await scenario.run([...words, '--record', file], { env: later, stdin });
    const again = await scenario.run([...words, '--replay', file], {
      env: { ...later, LWI_ENCRYPTION_KEY: undefined },
      stdin,
    });
    expect(again.code).toBe(ran.code);
    return again;
  };
  const api = ['api', 'quickbooks'];
  const own = { ...planted, 'a secret given by hand': GIVEN };
  await record(lwi, [
    ...api,
    '/echo',
    '-i',
    '-H',
    `X-Api-Key: ${encodeURIComponent(GIVEN)}`,
    '-H',
    `X-Said: ${encodeURIComponent(PASSWORD)}`,
  ]);
  await record(lwi, [...api, '/echo', '--query', `api_key=${GIVEN}`, '--query', `said=${CLIENT_SECRET}`]);
  await record(lwi, [...api, '/echo', '-f', `password=${GIVEN}`, '-f', `said=${PASSWORD} ${WEBHOOK_SECRET}`]);
  await record(lwi, [...api, '/refused', '--json']);
  await record(lwi, [...api, `/echo/${encodeURIComponent(CLIENT_SECRET)}`]);
  await record(
    lwi,
    [...api, '/echo', '--input', '-', '-H', 'content-type: application/x-www-form-urlencoded'],
    `client%5Fsecret=${form(GIVEN)}&n=${form(WEBHOOK_SECRET)}`,
  );
  await record(
    lwi,
    [...api, '/echo', '--input', '-'],
    JSON.stringify({ assertion: GIVEN, text: JSON.stringify({ refresh_token: GIVEN, a: PASSWORD }) }),
  );
  await record(lwi, ['sync', 'quickbooks', '--entity', 'invoices', '--json']);

  expect(echo.received.length).toBeGreaterThanOrEqual(8);
  expect(Object.keys(planted).length).toBeGreaterThanOrEqual(6);
  expect(files.flatMap((file) => shown(file, own).map((what) => `${file}: ${what}`))).toEqual([]);
  // What is no secret is there, and the search does find what is.
  expect(readFileSync(files[0] ?? '', 'utf8')).toContain('\\"state\\":\\"IL\\",\\"code\\":\\"610\\"');
  expect(shown(lwi.write('planted.har', { body: written(CLIENT_SECRET).join() }), own).length).toBeGreaterThan(10);
});

test('a token that is refreshed while a run is recorded is taken out too', async () => {
  const lwi = await openScenario({ records: 4, rotateAlways: true });
  await lwi.connected(['quickbooks']);
  const before = await openTokens(lwi.home, lwi.key);
  await lwi.control('expire?provider=quickbooks');
  const file = join(lwi.cwd, 'run.har');
  await lwi.run(['sync', 'quickbooks', '--entity', 'invoices', '-vv', '--record', file]);
  const tokens = Object.fromEntries(
    [...before, ...(await openTokens(lwi.home, lwi.key))].map((token, at) => [`token ${at}`, token]),
  );
  expect(new Set(Object.values(tokens)).size).toBeGreaterThan(before.length);
  expect(JSON.parse(readFileSync(file, 'utf8')).log.entries).toHaveLength(2);
  expect(shown(file, tokens)).toEqual([]);
});
