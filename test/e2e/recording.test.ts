import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { harProblems } from '../support/har-shape.ts';
import type { Ran } from '../support/lwi.ts';
import { type Answer, oddServer, type Received } from '../support/odd-server.ts';
import { failureOf, openScenario, type Scenario, withEnvironment } from '../support/scenario.ts';
import { queryStore } from '../support/store-file.ts';

const COMPANY = '/companyinfo/9130000000000001';

/** Nothing that a replay may not need: no key, no home, no mock, no proxy. */
const ALONE = { LWI_ENCRYPTION_KEY: undefined, LWI_MOCK_URL: 'http://127.0.0.1:9', HTTPS_PROXY: 'http://127.0.0.1:9' };

/** Records a command, checks the file, takes everything away, replays it, and gives both runs. */
async function twice(
  lwi: Scenario,
  words: readonly string[],
  env: Record<string, string | undefined> = {},
  stdin?: string,
): Promise<{ first: Ran; again: Ran; file: string }> {
  const file = join(lwi.cwd, 'run.har');
  const first = await lwi.runHere([...words, '--record', file], { env, stdin });
  expect(harProblems(JSON.parse(readFileSync(file, 'utf8')))).toEqual([]);
  await lwi.stopMock();
  rmSync(lwi.home, { recursive: true, force: true });
  const again = await lwi.run([...words, '--replay', file], { env: { ...env, ...ALONE }, stdin });
  // The code cache is all that a replay may leave behind.
  expect(existsSync(join(lwi.home, 'lwi.db'))).toBe(false);
  return { first, again, file };
}

const same = ({ first, again }: { first: Ran; again: Ran }) => {
  expect({ code: again.code, stdout: again.stdout }).toEqual({ code: first.code, stdout: first.stdout });
  return JSON.parse(first.stdout) as { entities: Record<string, unknown>[] };
};

describe('a replay gives the same stdout and the same code, with the network and the home gone:', () => {
  test.each([
    ['quickbooks', ['invoices', 'customers', 'tax-codes']],
    ['slack', ['channels', 'users', 'messages']],
    ['mycarrierpackets', ['completed-packets', 'monitored-carriers']],
  ])('a sync of %s', async (provider, entities) => {
    const lwi = await openScenario({ records: 30 });
    await lwi.connected([provider]);
    const { entities: reports } = same(await twice(lwi, ['sync', provider, '--entity', ...entities, '--json']));
    expect(reports.map(({ entity }) => entity)).toEqual(entities);
    expect(reports.every(({ pages }) => Number(pages) > 0)).toBe(true);
  });

  test('a sync with a refused token, a 503, a lost connection and an entity that fails', async () => {
    const lwi = await openScenario({ records: 5 });
    await lwi.connected(['quickbooks']);
    await lwi.control('expire?provider=quickbooks');
    await lwi.control(
      'faults?fault=403:quickbooks/batch&fault=503:quickbooks/query:%232&fault=cut:quickbooks/query:%234&fault=403:quickbooks/query:%236',
    );
    const both = await twice(lwi, [
      'sync',
      'quickbooks',
      '--entity',
      'invoices',
      'customers',
      'items',
      'vendors',
      '--json',
    ]);
    const { entities } = same(both);
    expect(both.first.code).toBe(4);
    expect(entities).toMatchObject([
      // Its own three, and the batch that was refused to all of them.
      { requests: 4, retries: 1 },
      { requests: 2, retries: 1 },
      { requests: 1, error: { code: 'FORBIDDEN' } },
      { requests: 1 },
    ]);
    expect(
      failureOf(
        await rerun(lwi, both.file, [
          'sync',
          'quickbooks',
          '--entity',
          'invoices',
          'customers',
          'items',
          'vendors',
          '--json',
        ]),
      ).error,
    ).toEqual(failureOf(both.first).error);
  });

  test('a sync for people, the second one with its cursors, of everything that is connected', async () => {
    const lwi = await openScenario({ records: 4 });
    await lwi.connected(['slack']);
    await lwi.connected(['quickbooks']);
    await lwi.prepare(['sync', 'quickbooks']);
    const both = await twice(lwi, ['sync', '--since', 'last']);
    expect({ code: both.again.code, stdout: both.again.stdout }).toEqual({ code: 0, stdout: both.first.stdout });
    expect(both.first.stdout).toMatch(/slack +messages/);
  });

  test('a sync of a provider in JSON, throttled, told to wait, with rows that cannot be read', async () => {
    let asked = 0;
    const { lwi, words } = await openAcme(
      ({ path, query }) => {
        asked += 1;
        if (asked === 2) return { status: 429, json: {}, headers: { 'retry-after': '1' } };
        if (path === '/v1/gone') return { status: 404, json: { message: 'gone' } };
        const page = Number(query.get('page') ?? 1);
        return { json: { data: [{ id: page }, { name: 'no id' }], next: page < 3 ? page + 1 : null } };
      },
      { permits: 1 },
    );
    const both = await twice(lwi, [...words, '--json']);
    const { entities } = same(both);
    expect(both.first.code).toBe(4);
    expect(entities).toMatchObject([
      { entity: 'items', upserted: 3, rejected: 3, pages: 3, requests: 4, retries: 1, throttledMs: expect.any(Number) },
      { entity: 'gone', error: { code: 'NOT_FOUND' } },
    ]);
    expect(Number(entities[0]?.['throttledMs'])).toBeGreaterThan(0);
  });

  test('a sync whose circuit opens, which no answer tells of', async () => {
    const port = await freePort();
    const streams = Array.from({ length: 7 }, (_, at) => `s${at}`);
    const { lwi, words } = await openAcme(() => ({}), { url: `http://127.0.0.1:${port}`, streams });
    const both = await twice(lwi, [...words, '--json']);
    const codes = same(both).entities.map(({ error }) => (error as { code: string }).code);
    expect(new Set(codes)).toEqual(new Set(['NETWORK', 'CIRCUIT_OPEN']));
  });

  test.each<[string, string[], number]>([
    ['an answer with its headers', ['quickbooks', COMPANY, '-i'], 0],
    ['a refusal with its body', ['quickbooks', '/query', '--query', 'query=select nonsense', '--json'], 4],
    ['a failure inside 200', ['slack', '/conversations.history', '--query', 'channel=C0', '--json'], 4],
    ['a body from stdin', ['quickbooks', '/query', '--input', '-', '-H', 'content-type: application/text'], 0],
  ])('lwi api: %s', async (_, words, code) => {
    const lwi = await openScenario({ records: 3 });
    await lwi.connected([words[0] ?? '']);
    const { first, again } = await twice(lwi, ['api', ...words], {}, 'select * from Invoice');
    expect(first.code).toBe(code);
    expect(again).toEqual({ ...first, stderr: expect.any(String) });
    expect(first.stdout.length).toBeGreaterThan(20);
  });

  test('a command that fails before it can ask anything', async () => {
    const lwi = await openScenario();
    const { first, again } = await twice(lwi, ['api', 'quickbooks', COMPANY, '--json']);
    expect(failureOf(again)).toEqual(failureOf(first));
    expect(first.code).toBe(3);
  });
});

describe('a recording', () => {
  test('is private, replaces an older one, and -v tells the same exchanges again', async () => {
    const lwi = await openScenario();
    await lwi.connected(['quickbooks']);
    const file = lwi.write('run.har', 'older');
    const words = ['api', 'quickbooks', COMPANY, '-v'];
    const first = await lwi.run([...words, '--record', file]);
    expect(first.stderr).toContain(`recorded 1 exchange in ${file}\n`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const again = await rerun(lwi, file, words);
    expect(again.stdout).toBe(first.stdout);
    const line = (text: string) => text.replace(/ \d+ ms[\s\S]*$/, '');
    expect(line(again.stderr)).toBe(line(first.stderr));
  });

  test('of a run that is stopped is whole, and its replay stops at the same place', async () => {
    const lwi = await openScenario({ records: 3000 });
    await lwi.connected(['quickbooks']);
    await lwi.control('faults?fault=latency=700:quickbooks/query:%232');
    const file = join(lwi.cwd, 'run.har');
    const words = ['sync', 'quickbooks', '--entity', 'invoices', '--json'];
    const running = lwi.start([...words, '--record', file]);
    await expect
      .poll(() => queryStore(lwi.home, 'SELECT 1 FROM records LIMIT 1'), { interval: 10, timeout: 20_000 })
      .not.toEqual([]);
    running.child.kill('SIGINT');
    const first = await running.ended;
    expect(harProblems(JSON.parse(readFileSync(file, 'utf8')))).toEqual([]);
    rmSync(lwi.home, { recursive: true });
    expect(failureOf(await rerun(lwi, file, words))).toEqual({ ...failureOf(first), exit: 130, stdout: '' });
  });

  test('is refused before anything is sent when its file cannot be written', async () => {
    const lwi = await openScenario();
    await lwi.connected(['quickbooks']);
    const before = await lwi.requests();
    for (const file of [lwi.cwd, join(lwi.cwd, 'nowhere', 'a.har'), '']) {
      const ran = await lwi.run(['api', 'quickbooks', COMPANY, '--json', '--record', file]);
      expect(failureOf(ran)).toMatchObject({ exit: 2, stdout: '', error: { code: 'USAGE' } });
    }
    expect(await lwi.requests()).toEqual(before);
  });
});

test('a disk that fills up while a run is recorded costs the recording alone: code 7, with everything done', async ({
  skip,
}) => {
  const lwi = await openScenario({ records: 500 });
  await lwi.connected(['quickbooks']);
  const disk = join(lwi.cwd, 'disk');
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk], { stdio: 'ignore' });
  } catch {
    skip('mounting a file system is refused here');
  }
  onTestFinished(() => void execFileSync('umount', ['-l', disk]));
  const words = ['sync', 'quickbooks', '--entity', 'invoices', '--json', '--record', join(disk, 'run.har')];
  const ran = await lwi.run(words);
  expect(failureOf(ran)).toMatchObject({ exit: 7, error: { code: 'STORE_FULL' } });
  expect(JSON.parse(ran.stdout)).toMatchObject({ entities: [{ upserted: 500, cursor: expect.any(String) }] });
  expect(readdirSync(disk)).toEqual([]);
});

describe('a replay', () => {
  test('of another request is code 2 and shows the nearest', async () => {
    const lwi = await openScenario();
    await lwi.connected(['quickbooks']);
    const file = join(lwi.cwd, 'run.har');
    await lwi.run(['api', 'quickbooks', COMPANY, '--record', file]);
    const { exit, stdout, error } = failureOf(
      await rerun(lwi, file, ['api', 'quickbooks', '/companyinfo/7', '--json']),
    );
    expect({ exit, stdout, code: error['code'] }).toEqual({ exit: 2, stdout: '', code: 'NOT_RECORDED' });
    expect(error['message']).toMatch(
      /Nearest: GET http\S+\/companyinfo\/9130000000000001\?minorversion=\d+: the path is /,
    );
  });

  test.each<[string, string[], Record<string, string>, RegExp]>([
    ['another account', ['-a', 'south'], {}, /with the account default, not with south/],
    ['another account in the environment', [], { LWI_ACCOUNT: 'south' }, /with the account default, not with south/],
    ['another environment', ['--env', 'sandbox'], {}, /with the environment mock, not with sandbox/],
  ])('under %s is refused', async (_, words, env, message) => {
    const lwi = await openScenario();
    await lwi.connected(['quickbooks']);
    const file = join(lwi.cwd, 'run.har');
    await lwi.run(['api', 'quickbooks', COMPANY, '--record', file]);
    const { exit, error } = failureOf(await rerun(lwi, file, ['api', 'quickbooks', COMPANY, '--json', ...words], env));
    expect({ exit, code: error['code'] }).toEqual({ exit: 2, code: 'NOT_RECORDED' });
    expect(error['message']).toMatch(message);
  });

  test('needs one of the two options and a file that can be read', async () => {
    const lwi = await openScenario();
    const file = lwi.write('broken.har', '{"log":');
    const run = async (...words: string[]) =>
      failureOf(await lwi.run(['api', 'quickbooks', COMPANY, '--json', ...words]));
    expect(await run('--record', file, '--replay', file)).toMatchObject({ exit: 2, error: { code: 'USAGE' } });
    expect(await run('--replay', file)).toMatchObject({
      exit: 2,
      error: { code: 'INPUT_INVALID', message: `${file}: line 1, column 8: expected a value` },
    });
    expect(await run('--replay', join(lwi.cwd, 'nowhere.har'))).toMatchObject({
      exit: 2,
      error: { code: 'INPUT_INVALID' },
    });
    expect(readFileSync(file, 'utf8')).toBe('{"log":');
  });

  test('of an archive that a browser wrote answers for the connection that is there', async () => {
    const lwi = await openScenario();
    await lwi.connected(['quickbooks']);
    const url = `${lwi.mockUrl}/quickbooks/v3/company/9130000000000001/companyinfo/1?minorversion=75`;
    const entry = (status: number, text: string) => ({
      startedDateTime: '2026-01-05T10:00:00.000Z',
      time: 3,
      request: { method: 'GET', url },
      response: { status, headers: [], content: { size: 2, mimeType: 'application/json', text } },
    });
    const file = lwi.write('browser.har', {
      log: { version: '1.2', entries: [entry(503, '{}'), entry(200, '{"CompanyInfo":{"Id":"1"}}')] },
    });
    const before = await lwi.requests();
    const ran = await lwi.run(['api', 'quickbooks', '/companyinfo/1', '--replay', file]);
    expect(ran).toEqual({ code: 0, stdout: '{"CompanyInfo":{"Id":"1"}}', stderr: '' });
    expect(await lwi.requests()).toEqual(before);
  });
});

/** The recorded command again, from its file. */
function rerun(lwi: Scenario, file: string, words: readonly string[], env = {}): Promise<Ran> {
  return lwi.run([...words, '--replay', file], { env: { ...env, ...ALONE } });
}

/** A provider in JSON, connected with a token that was brought, at a server that answers so; and the words that sync it. */
async function openAcme(
  answer: (request: Received) => Answer,
  change: { url?: string; streams?: readonly string[]; permits?: number } = {},
) {
  const { url = (await oddServer(answer)).url, streams = ['items', 'gone'], permits = 100 } = change;
  const lwi = withEnvironment(await openScenario(), { LWI_ENV: undefined });
  const stream = (name: string) => ({
    ...{ name, path: `/${name}`, items: 'data' },
    page: { type: 'page', parameter: 'page', next: 'next' },
  });
  const definition = {
    ...{ id: 'acme', title: 'Acme', api: { baseUrl: `${url}/v1` }, streams: streams.map(stream) },
    limits: [{ name: 'default', permits, perMs: 1000, burst: 1 }],
  };
  await lwi.prepare(['provider', 'add', '--file', lwi.write('acme.json', definition)]);
  await lwi.connected(['acme', '--with-token'], { env: { LWI_ACME_TOKEN: 'a-token-that-was-brought' } });
  return { lwi, words: ['sync', 'acme'] };
}
