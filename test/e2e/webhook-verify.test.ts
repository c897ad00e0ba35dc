import { createHmac } from 'node:crypto';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { failureOf, openScenario, type Scenario } from '../support/scenario.ts';

const AT = '2026-01-05T10:00:00Z';
const SECRET = { LWI_WEBHOOK_SECRET: 'a-secret-of-the-test' };

/** A delivery of GitHub, good or with another body than was signed. */
function delivery(body: string, sent = body): Record<string, unknown> {
  const mac = createHmac('sha256', SECRET.LWI_WEBHOOK_SECRET).update(body).digest('hex');
  return { headers: { 'x-hub-signature-256': `sha256=${mac}`, 'x-github-delivery': `d-${body}` }, body: sent };
}
const line = (value: unknown) => `${JSON.stringify(value)}\n`;

interface Result {
  readonly input: string;
  readonly verdict: string;
  readonly detail: string;
}

async function verify(lwi: Scenario, words: readonly string[], options: Parameters<Scenario['run']>[1] = {}) {
  const ran = await lwi.run(['webhook', 'verify', '--at', AT, ...words], { env: SECRET, ...options });
  return { ...ran, lines: ran.stdout.trimEnd().split('\n') };
}

async function results(lwi: Scenario, words: readonly string[], options: Parameters<Scenario['run']>[1] = {}) {
  const { code, stdout } = await verify(lwi, [...words, '--json'], options);
  const report = JSON.parse(stdout) as { verified: number; failed: number; results: Result[] };
  return { code, ...report, told: report.results.map(({ input, verdict }) => [input, verdict]) };
}

describe('inputs', () => {
  test('a directory with directories, in the order of the names; what begins with a dot is left alone', async () => {
    const lwi = await openScenario();
    const root = join(lwi.cwd, 'captured');
    mkdirSync(join(root, 'b', 'deep'), { recursive: true });
    mkdirSync(join(root, '.git'));
    mkdirSync(join(root, 'empty'));
    const put = (path: string, value: unknown) => writeFileSync(join(root, path), JSON.stringify(value));
    put('c.json', delivery('c'));
    put('b/2.json', delivery('b2', 'other'));
    put('b/deep/1.json', delivery('deep'));
    put('a.json', delivery('a'));
    put('.git/config', {});
    put('.DS_Store', {});
    symlinkSync(join(root, 'a.json'), join(root, 'd.json'));
    symlinkSync(root, join(root, 'circle'));
    const { code, told, verified, failed } = await results(lwi, ['--scheme', 'github', root]);
    expect({ code, verified, failed }).toEqual({ code: 6, verified: 4, failed: 1 });
    expect(told).toEqual([
      [join(root, 'a.json'), 'verified'],
      [join(root, 'b/2.json'), 'signature-mismatch'],
      [join(root, 'b/deep/1.json'), 'verified'],
      [join(root, 'c.json'), 'verified'],
      [join(root, 'd.json'), 'verified'],
    ]);
  });

  test('a directory without a file, also deep down, is code 2', async () => {
    const lwi = await openScenario();
    mkdirSync(join(lwi.cwd, 'void', 'deep'), { recursive: true });
    const ran = await verify(lwi, ['--scheme', 'github', join(lwi.cwd, 'void')]);
    expect(ran).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('There is no file in') });
  });

  test('JSON lines, from a file and from stdin; a line that is none is that line alone', async () => {
    const lwi = await openScenario();
    const text = `${line(delivery('a'))}\n{"headers":\n${line(delivery('b', 'x'))}${line(delivery('c'))}`;
    const expected = (name: string) => [
      [`${name}:1`, 'verified'],
      [`${name}:3`, 'malformed-input'],
      [`${name}:4`, 'signature-mismatch'],
      [`${name}:5`, 'verified'],
    ];
    writeFileSync(join(lwi.cwd, 'all.jsonl'), text);
    writeFileSync(join(lwi.cwd, 'all.txt'), text);
    for (const name of ['all.jsonl', 'all.txt']) {
      const { code, told } = await results(lwi, ['--scheme', 'github', name]);
      expect({ code, told }).toEqual({ code: 6, told: expected(name) });
    }
    expect((await results(lwi, ['--scheme', 'github', '-'], { stdin: text })).told).toEqual(expected('-'));
    const { stdout } = await verify(lwi, ['--scheme', 'github', '-', '--jsonl'], { stdin: text });
    expect(stdout.match(/"provider":"github"/g)).toHaveLength(4);
    const single = join(lwi.cwd, 'one.ndjson');
    writeFileSync(single, line(delivery('a')));
    expect((await results(lwi, ['--scheme', 'github', single])).told).toEqual([[`${single}:1`, 'verified']]);
  });

  test('headers without a body are a mistake, not passed over', async () => {
    const lwi = await openScenario();
    const file = lwi.write('a.json', delivery('a'));
    const ran = await verify(lwi, ['--scheme', 'github', file, '-H', 'x: y']);
    expect(ran).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('--header goes with --body') });
  });

  test('a body of many megabytes', async () => {
    const lwi = await openScenario();
    const file = join(lwi.cwd, 'large.json');
    writeFileSync(file, JSON.stringify(delivery('y'.repeat(8_000_000))));
    expect((await results(lwi, ['--scheme', 'github', file])).told).toEqual([[file, 'verified']]);
  });
});

describe('what is said', () => {
  const many = (count: number, wrong: readonly number[]) =>
    Array.from({ length: count }, (_, at) => line(delivery(`n${at}`, wrong.includes(at) ? 'x' : `n${at}`))).join('');

  test('--jsonl: a line for each result, in order', async () => {
    const lwi = await openScenario();
    const ran = await verify(lwi, ['--scheme', 'github', '--jsonl'], { stdin: many(600, [7]) });
    expect({ code: ran.code, stderr: ran.stderr, count: ran.lines.length }).toEqual({
      code: 6,
      stderr: '',
      count: 600,
    });
    expect(JSON.parse(ran.lines[0] ?? '')).toEqual({
      ...{ input: '-:1', provider: 'github', verdict: 'verified', detail: 'the signature matches', eventId: 'd-n0' },
    });
    expect(ran.lines.map((text) => JSON.parse(text).verdict).filter((verdict) => verdict !== 'verified')).toHaveLength(
      1,
    );
  });

  test('--jsonl says it before the input ends', async () => {
    const lwi = await openScenario();
    const running = lwi.start(['webhook', 'verify', '--scheme', 'github', '--jsonl'], { env: SECRET, stdin: 'open' });
    running.child.stdin?.write(many(2, [1]));
    await running.said(/"-:2".*signature-mismatch/);
    running.child.stdin?.end(line(delivery('last')));
    expect((await running.ended).code).toBe(6);
  });

  test('up to 20 results are a table, of more only what failed is shown, with a count', async () => {
    const lwi = await openScenario();
    const words = ['--scheme', 'github'];
    expect((await verify(lwi, words, { stdin: many(20, []) })).lines).toHaveLength(21);
    expect((await verify(lwi, words, { stdin: many(21, []) })).lines).toEqual([
      '21 verified, 0 failed; --all shows all',
    ]);
    const { lines, code } = await verify(lwi, words, { stdin: many(30, [3, 25]) });
    expect(code).toBe(6);
    expect(lines.filter((text) => /^input +-:/.test(text))).toEqual([
      expect.stringContaining('-:4'),
      expect.stringContaining('-:26'),
    ]);
    expect(lines.at(-1)).toBe('28 verified, 2 failed; --all shows all');
    const all = await verify(lwi, [...words, '--all'], { stdin: many(30, [3]) });
    expect(all.stdout.match(/-:\d+/g)).toHaveLength(30);
    expect(all.lines.at(-1)).toBe('29 verified, 1 failed');
    const none = await verify(lwi, words, { stdin: many(200, [...Array(200).keys()]) });
    expect(none.stdout.match(/-:\d+/g)).toHaveLength(100);
    expect(none.lines.at(-1)).toBe('0 verified, 200 failed; the first 100 that failed are shown, --all shows all');
  });
});

describe('a scheme in JSON', () => {
  const scheme = {
    ...{ header: 'X-Acme-Signature', algorithm: 'sha512', encoding: 'base64url', prefix: 'v1=', separator: ',' },
    ...{ timestampPrefix: 't=', timestampUnit: 'ms', signed: '{id}|{timestamp}|{body}', idHeader: 'X-Acme-Id' },
    ...{ secretEncoding: 'hex', typeHeader: 'X-Acme-Event', toleranceMs: 60_000 },
  };
  const key = '00112233445566778899aabbccddeeff';
  const at = Date.parse(AT);
  const mac = createHmac('sha512', Buffer.from(key, 'hex')).update(`e-1|${at}|{}`).digest('base64url');
  const fixture = { headers: { 'x-acme-id': 'e-1', 'x-acme-signature': `t=${at},v1=old,v1=${mac}` }, body: '{}' };
  const env = { LWI_WEBHOOK_SECRET: key };

  test('as a file, on the command line, and in a provider of the same object', async () => {
    const lwi = await openScenario();
    const file = lwi.write('scheme.json', scheme);
    const input = lwi.write('event.json', fixture);
    for (const text of [file, JSON.stringify(scheme)]) {
      expect((await results(lwi, ['--scheme', text, input], { env })).told).toEqual([[input, 'verified']]);
      const late = ['--scheme', text, input, '--at', '2026-01-05T10:01:00.001Z'];
      expect((await results(lwi, late, { env })).told).toEqual([[input, 'stale-timestamp']]);
    }
    const acme = { id: 'acme', api: { baseUrl: 'https://api.acme.example' }, webhook: scheme };
    await lwi.json(['provider', 'add', '--file', lwi.write('acme.json', acme)]);
    const secret = { env: { LWI_ACME_WEBHOOK_SECRET: key } };
    expect((await results(lwi, ['acme', input], secret)).told).toEqual([[input, 'verified']]);
  });

  test('sign makes what verify takes, with the scheme too', async () => {
    const lwi = await openScenario();
    const words = ['webhook', 'sign', '--scheme', JSON.stringify(scheme), '--at', AT];
    const { stdout, code } = await lwi.run(words, { env, stdin: '{"a":1}' });
    expect({ code, time: /t=\d+/.exec(stdout)?.[0] }).toEqual({ code: 0, time: `t=${at}` });
    const headers = stdout
      .trimEnd()
      .split('\n')
      .flatMap((each) => ['-H', each]);
    const check = ['--scheme', JSON.stringify(scheme), '--body', '-', ...headers];
    expect((await verify(lwi, check, { env, stdin: '{"a":1}' })).code).toBe(0);
    expect((await verify(lwi, check, { env, stdin: '{"a":2}' })).code).toBe(6);
  });

  test.each([
    [{ heder: 'x-a' }, '--scheme: heder: unknown key'],
    [{ algorithm: 'md5' }, '--scheme: algorithm: expected one of sha1, sha256, sha512'],
    [{ timestampPrefix: 't=' }, '--scheme: separator: expected what stands between time and signature'],
    [{ scheme: 'github', prefix: 'x=' }, '--scheme: prefix: expected nothing beside scheme'],
  ])('a mistake is told with its place: %j', async (value, message) => {
    const lwi = await openScenario();
    const { exit, error } = failureOf(
      await verify(lwi, ['--scheme', JSON.stringify(value), '-', '--json'], { stdin: '' }),
    );
    expect({ exit, code: error.code }).toEqual({ exit: 2, code: 'CONFIG_INVALID' });
    expect(error.message).toContain(message);
  });

  test('JSON that is none, and a name that is nothing', async () => {
    const lwi = await openScenario();
    const broken = failureOf(await verify(lwi, ['--scheme', '{"header": x}', '-', '--json'], { stdin: '' }));
    expect(broken.error.message).toBe('--scheme: line 1, column 12: expected a value');
    const { exit, error } = failureOf(await verify(lwi, ['--scheme', 'gitlab', '-', '--json'], { stdin: '' }));
    expect({ exit, message: error.message }).toEqual({
      exit: 2,
      message: expect.stringContaining('"gitlab" is no scheme and no file'),
    });
    const list = failureOf(await verify(lwi, ['--scheme', lwi.write('list.json', []), '-', '--json'], { stdin: '' }));
    expect(list.error.message).toContain('expected an object');
  });
});

describe('what signs method and URL', () => {
  const url = 'https://hooks.example.com/in?to=a%40b';

  test('sign and verify take both from the command line', async () => {
    const lwi = await openScenario();
    const signed = await lwi.run(['webhook', 'sign', '--scheme', 'hubspot-v3', '--url', url, '--at', AT], {
      env: SECRET,
      stdin: '{}',
    });
    const expected = createHmac('sha256', SECRET.LWI_WEBHOOK_SECRET)
      .update(`POSThttps://hooks.example.com/in?to=a@b{}${Date.parse(AT)}`)
      .digest('base64');
    expect(signed.stdout).toContain(`x-hubspot-signature-v3: ${expected}\n`);
    const headers = signed.stdout
      .trimEnd()
      .split('\n')
      .flatMap((each) => ['-H', each]);
    const words = ['--scheme', 'hubspot-v3', '--body', '-', ...headers];
    expect((await verify(lwi, [...words, '--url', url], { stdin: '{}' })).code).toBe(0);
    expect((await verify(lwi, [...words, '--url', `${url}c`], { stdin: '{}' })).code).toBe(6);
    expect((await verify(lwi, [...words, '--url', url, '--method', 'PUT'], { stdin: '{}' })).code).toBe(6);
  });

  test.each([
    ['sign without a URL', ['sign', '--scheme', 'hubspot-v3']],
    ['sign with half a URL', ['sign', '--scheme', 'hubspot-v3', '--url', '/in']],
    ['a method that is none', ['sign', '--scheme', 'hubspot-v3', '--url', url, '--method', 'a b']],
    ['sign for nobody', ['sign']],
    ['sign for two', ['sign', 'slack', '--scheme', 'github']],
  ])('%s is code 2', async (_, words) => {
    const lwi = await openScenario();
    expect(await lwi.run(['webhook', ...words], { env: SECRET, stdin: '{}' })).toMatchObject({ code: 2, stdout: '' });
  });

  test('sign without a secret names the variable', async () => {
    const lwi = await openScenario();
    const ran = await lwi.run(['webhook', 'sign', '--scheme', 'github'], { stdin: '{}' });
    expect(ran).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('Set LWI_WEBHOOK_SECRET') });
  });
});
