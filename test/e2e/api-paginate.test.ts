import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openBroughtProvider } from '../support/brought-provider.ts';
import type { Received } from '../support/odd-server.ts';
import { failureOf, inThisProcess, openScenario } from '../support/scenario.ts';

interface Page {
  QueryResponse: { Invoice?: { Id: string }[]; Vendor?: { Id: string }[] };
  members: { id: string }[];
}

/** Every line of stdout as a document: what `jq` would read. */
const documents = <T = Page>(stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T);

/** Pages of one row, linked by a Link header up to `last`. */
const linked =
  (last: number) =>
  ({ query }: Received, base: string) => {
    const page = Number(query.get('page') ?? 1);
    const link = `<${base}/loads?page=${page + 1}>; rel="next"`;
    return { json: { page }, ...(page < last ? { headers: { link } } : {}) };
  };
const pagesUpTo = (last: number) => Array.from({ length: last }, (_, at) => ({ page: at + 1 }));
/** The same with its commands in this process: what a page is does not depend on that. */
const openHere = async (...given: Parameters<typeof openBroughtProvider>) => {
  const opened = await openBroughtProvider(...given);
  return { ...opened, lwi: inThisProcess(opened.lwi) };
};

const LOADS = ['api', 'acme', '/loads', '--paginate'];

describe('lwi api --paginate', () => {
  test('follows the positions of a QuickBooks query, by GET and by POST, one document a line', async () => {
    const lwi = await openScenario({ records: 250, rateLimits: false });
    await lwi.connected(['quickbooks']);
    const got = await lwi.run(['api', 'quickbooks', '/query?query=select * from Invoice', '--paginate']);
    expect({ code: got.code, stderr: got.stderr }).toEqual({ code: 0, stderr: '' });
    const pages = documents(got.stdout).map(({ QueryResponse }) => QueryResponse.Invoice?.map(({ Id }) => Id) ?? []);
    expect([pages.map(({ length }) => length), new Set(pages.flat()).size]).toEqual([[100, 100, 50], 250]);
    const post = ['-X', 'POST', '-H', 'Content-Type: application/text', '--input', '-', '--paginate'];
    const posted = await lwi.run(['api', 'quickbooks', '/query', ...post], {
      stdin: 'select * from Vendor where Active in (true, false) maxresults 125',
    });
    const rows = documents(posted.stdout).map(({ QueryResponse }) => QueryResponse.Vendor?.map(({ Id }) => Id) ?? []);
    expect([rows.map(({ length }) => length), new Set(rows.flat()).size]).toEqual([[125, 125, 0], 250]);
  });

  test('follows the cursors of Slack over short and empty pages', async () => {
    const lwi = inThisProcess(await openScenario({ records: 120, rateLimits: false }));
    await lwi.connected(['slack']);
    const ran = await lwi.run(['api', 'slack', '/users.list?limit=9', '--paginate']);
    const pages = documents(ran.stdout).map(({ members }) => members.map(({ id }) => id));
    const whole = documents((await lwi.run(['api', 'slack', '/users.list'])).stdout).flatMap(({ members }) => members);
    expect(pages.flat()).toEqual(whole.map(({ id }) => id));
    expect(pages.map(({ length }) => length).filter((length) => length < 9).length).toBeGreaterThan(1);
  });

  test('follows the page numbers of MyCarrierPackets, whose reads are POST', async () => {
    const lwi = inThisProcess(await openScenario({ records: 90, rateLimits: false }));
    await lwi.connected(['mycarrierpackets']);
    const path = '/api/v1/Carrier/MonitoredCarriers?pageSize=40&pageNumber=1';
    const ran = await lwi.run(['api', 'mycarrierpackets', path, '-X', 'POST', '--paginate']);
    const pages = documents<unknown[]>(ran.stdout);
    expect([ran.code, new Set(pages.flat().map((row) => JSON.stringify(row))).size]).toEqual([0, pages.flat().length]);
    expect(pages.map(({ length }) => length)).toEqual([40, 40, pages.flat().length - 80]);
  });

  test('follows the stream of a provider in JSON whose path fits, and else Link headers', async () => {
    const items = {
      ...{ name: 'items', path: '/items', items: 'data' },
      page: { type: 'cursor', parameter: 'after', next: 'next' },
    } as const;
    const { lwi, received } = await openHere(
      (request, base) => {
        if (request.path === '/v1/loads') return linked(3)(request, base);
        const after = Number(request.query.get('after') ?? 0);
        return { json: { data: [after], next: after < 2 ? after + 1 : null } };
      },
      { streams: [items] },
    );
    const ran = await lwi.run(['api', 'acme', '/items', '-X', 'GET', '-f', 'status=open', '--paginate']);
    expect(ran).toEqual({
      ...{ code: 0, stderr: '' },
      stdout: '{"data":[0],"next":1}\n{"data":[1],"next":2}\n{"data":[2],"next":null}\n',
    });
    expect(received.map(({ query }) => query.toString())).toEqual([
      ...['status=open', 'status=open&after=1', 'status=open&after=2'],
    ]);
    expect(documents((await lwi.run(LOADS)).stdout)).toEqual(pagesUpTo(3));
    expect(JSON.parse((await lwi.run([...LOADS, '--slurp'])).stdout)).toEqual(pagesUpTo(3));
    expect(received.every(({ headers }) => headers.authorization === 'Bearer a-token-that-was-brought')).toBe(true);
  });

  test('-i shows the head of every page before it', async () => {
    const { lwi } = await openHere(linked(2));
    const { stdout } = await lwi.run([...LOADS, '-i']);
    const page = (head: string) => `HTTP/1\\.1 200 OK\\n(?:[a-z-]+: .*\\n)*${head}(?:[a-z-]+: .*\\n)*\\n`;
    expect(stdout).toMatch(new RegExp(`^${page('link: .*page=2.*\\n')}{"page":1}\\n${page('')}{"page":2}\\n$`));
  });

  test('where no paging is known it is one page, and a line on stderr says so', async () => {
    const { lwi, received } = await openHere(() => ({ json: { one: 1 } }));
    const told = 'note: no paging is known for this request to Acme: this is one page.\n';
    expect(await lwi.run(LOADS)).toEqual({ code: 0, stdout: '{"one":1}\n', stderr: told });
    expect(await lwi.run([...LOADS, '--quiet'])).toEqual({ code: 0, stdout: '{"one":1}\n', stderr: '' });
    expect(received).toHaveLength(2);
  });

  test('a failure in the middle keeps what came before, has its own exit code, and says how far it came', async () => {
    const { lwi } = await openHere((request, base) =>
      request.query.get('page') === '3' ? { status: 403, json: { message: 'not yours' } } : linked(5)(request, base),
    );
    const ran = await lwi.run([...LOADS, '--json']);
    expect(failureOf(ran)).toMatchObject({ exit: 4, error: { code: 'FORBIDDEN', statusCode: 403 } });
    expect([ran.stdout, ran.stderr.split('\n')[0]]).toEqual([
      '{"page":1}\n{"page":2}\n',
      '{"warning":"2 pages came before this, and the rest is missing."}',
    ]);
    const first = await lwi.run(['api', 'acme', '/loads?page=3', '--paginate']);
    expect(first).toMatchObject({ code: 4, stdout: '{"message":"not yours"}' });
  });

  test.each([
    [
      'a circle of links',
      ({ query }: Received, base: string) => ({
        json: { page: query.get('page') },
        headers: { link: `<${base}/loads?page=${query.get('page') === 'b' ? 'a' : 'b'}>; rel=next` },
      }),
      /go round in a circle/,
    ],
    [
      'a server that gives the same page whatever it is asked',
      ({ query }: Received, base: string) => ({
        json: { rows: ['a'] },
        headers: { link: `<${base}/loads?page=${Number(query.get('page')) + 1}>; rel=next` },
      }),
      /go round in a circle/,
    ],
    [
      'a link to somewhere else',
      () => ({ json: {}, headers: { link: '<https://elsewhere.example/v1/loads>; rel=next' } }),
      /leads away from http/,
    ],
    [
      'a link above the base URL',
      () => ({ json: {}, headers: { link: '</v2/loads>; rel=next' } }),
      /leads away from http/,
    ],
  ])('%s is an error, and nothing goes there', async (_what, answer, message) => {
    const { lwi, received } = await openHere(answer);
    const { exit, error } = failureOf(await lwi.run([...LOADS, '--json']));
    expect([exit, error['code'], error['message']]).toEqual([5, 'BAD_RESPONSE', expect.stringMatching(message)]);
    expect(received.length).toBeLessThan(10);
    expect(received.filter(({ path }) => path !== '/v1/loads')).toEqual([]);
  });

  test('a request that may write, and options that contradict each other, are code 2, and nothing is sent', async () => {
    const { lwi, received } = await openHere(() => ({ json: {} }));
    for (const words of [
      [...LOADS, '-f', 'a=1'],
      [...LOADS, '-X', 'DELETE'],
      ['api', 'acme', '/loads', '--slurp'],
      [...LOADS, '--slurp', '-i'],
    ]) {
      expect([words, failureOf(await lwi.run([...words, '--json'])).exit]).toEqual([words, 2]);
    }
    expect(received).toEqual([]);
    const quickbooks = inThisProcess(await openScenario());
    await quickbooks.connected(['quickbooks']);
    const write = ['api', 'quickbooks', '/invoice', '-f', 'Id=1', '--paginate', '--json'];
    expect(failureOf(await quickbooks.run(write))).toMatchObject({ exit: 2, error: { code: 'USAGE' } });
  });

  test('Ctrl-C between pages ends cleanly: whole pages on stdout, code 130', async () => {
    const { lwi } = await openHere((request, base) => ({ ...linked(1e6)(request, base), afterMs: 30 }));
    const running = lwi.start(LOADS);
    await running.said(/"page":3/);
    running.child.kill('SIGINT');
    const { code, stdout, stderr } = await running.ended;
    const pages = documents(stdout);
    expect([code, pages]).toEqual([130, pagesUpTo(pages.length)]);
    expect(stderr).toContain(`warning: ${pages.length} pages came before this, and the rest is missing.\n`);
  });

  test('when nobody reads any more, no further page is asked for', async () => {
    const { lwi, received } = await openHere(linked(1e6));
    const ran = await lwi.run(LOADS, { shell: '{ $LWI "$@"; echo "code $?" >&2; } | head -1' });
    expect(ran).toEqual({ code: 0, stdout: '{"page":1}\n', stderr: 'code 0\n' });
    expect(received.length).toBeLessThan(500);
  });

  test('-o is replaced only when all pages are there, and is private', async () => {
    const { lwi } = await openHere((request, base) =>
      request.query.get('page') === '3' ? { status: 404, json: {} } : linked(3)(request, base),
    );
    const file = join(lwi.cwd, 'loads.jsonl');
    const left = {
      stdout: '',
      stderr: expect.stringContaining(`2 pages came before this, and the rest is missing; ${file} is as it was.`),
    };
    writeFileSync(file, 'from yesterday');
    expect(await lwi.run([...LOADS, '-o', file])).toMatchObject({ code: 4, ...left });
    expect(readFileSync(file, 'utf8')).toBe('from yesterday');
    expect(await lwi.run(['api', 'acme', '/loads?page=4', '--paginate', '-q', '-o', file])).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
    expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777]).toEqual(['{"page":4}\n', 0o600]);
    expect(readdirSync(lwi.cwd).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    for (const target of [join(lwi.cwd, 'nowhere', 'x'), lwi.cwd])
      expect([target, failureOf(await lwi.run([...LOADS, '-o', target, '--json'])).exit]).toEqual([target, 2]);
    const away = await lwi.run(['api', 'acme', '/loads?page=4', '-o', '/dev/null']);
    expect([away, statSync('/dev/null').isCharacterDevice()]).toEqual([{ code: 0, stdout: '', stderr: '' }, true]);
  });
});
