import { describe, expect, test } from 'vitest';
import { openScenario } from '../support/scenario.ts';

const COLOUR = String.fromCharCode(27);

describe('colours', () => {
  test.each([
    ['none where there is no terminal', {}, [], false],
    ['forced by FORCE_COLOR', { FORCE_COLOR: '1' }, [], true],
    ['NO_COLOR goes before FORCE_COLOR', { FORCE_COLOR: '1', NO_COLOR: '1' }, [], false],
    ['an empty NO_COLOR says nothing', { FORCE_COLOR: '1', NO_COLOR: '' }, [], true],
    ['--no-color goes before FORCE_COLOR', { FORCE_COLOR: '1' }, ['--no-color'], false],
    ['none in JSON', { FORCE_COLOR: '1' }, ['--json'], false],
  ])('%s', async (_, env, words, coloured) => {
    const lwi = await openScenario();
    await lwi.json(['connect', 'mycarrierpackets']);
    const good = await lwi.run(['status', ...words], { env });
    const bad = await lwi.run(['token', 'get', 'slack', ...words], { env });
    expect([good.code, bad.code]).toEqual([0, 3]);
    expect([good.stdout.includes(COLOUR), bad.stderr.includes(COLOUR)]).toEqual([coloured, coloured]);
  });
});

describe('pipes', () => {
  test('a reader that goes away early is no crash', async () => {
    const lwi = await openScenario();
    const shell =
      '{ $LWI provider show quickbooks --json; echo "code $?" >&2; } | head -c 1 >/dev/null; $LWI --help | head -1';
    const ran = await lwi.run([], { shell });
    expect(ran).toEqual({ code: 0, stdout: expect.stringMatching(/^Usage: lwi.*\n$/), stderr: 'code 0\n' });
  });

  test('much output is written whole to a reader that is slow, and ends quietly when the reader goes', async () => {
    const lwi = await openScenario({ records: 1000 });
    await lwi.connect(['quickbooks']);
    const words = ['api', 'quickbooks', '/query', '--query', 'query=select * from Invoice maxresults 1000'];
    const whole = await lwi.run(words, { shell: '$LWI "$@" | { sleep 0.3; cat; }' });
    const { QueryResponse } = JSON.parse(whole.stdout) as { QueryResponse: { Invoice: unknown[] } };
    expect(QueryResponse.Invoice).toHaveLength(1000);
    const cut = await lwi.run(words, { shell: '{ $LWI "$@"; echo "code $?" >&2; } | head -c 10' });
    expect(cut).toEqual({ code: 0, stdout: whole.stdout.slice(0, 10), stderr: 'code 0\n' });
  });
});

test('-v shows one line for each exchange on stderr, -vv headers too, and stdout stays the result', async () => {
  const lwi = await openScenario();
  await lwi.connect(['quickbooks']);
  const words = ['api', 'quickbooks', '/companyinfo/9130000000000001'];
  const [plain, one, two] = [await lwi.run(words), await lwi.run([...words, '-v']), await lwi.run(['-vv', ...words])];
  expect(plain.stderr).toBe('');
  expect(one.stderr.trimEnd().split('\n')).toEqual([
    expect.stringMatching(
      /^\S+Z http api GET http:\/\/127\.0\.0\.1:\d+\/quickbooks\/v3\/company\S* 200 \d+ B \d+ ms, request 1-\S+$/,
    ),
  ]);
  expect(two.stderr).toMatch(/^ {2}> authorization: \[redacted\]$/m);
  expect(two.stderr).toMatch(/^ {2}< content-type: application\/json/m);
  expect(JSON.parse(one.stdout)).toMatchObject({ CompanyInfo: { CompanyName: 'Laneweaver Freight LLC' } });
});
