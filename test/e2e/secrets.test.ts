import { join } from 'node:path';
import { expect, test } from 'vitest';
import { approve } from '../../src/mock/approve.ts';
import { filesBelow, openTokens, shownIn } from '../support/planted.ts';
import { openScenario, visit } from '../support/scenario.ts';
import { columnsOf, queryStore } from '../support/store-file.ts';
import { ON_POSTGRES } from '../support/store-place.ts';

const CLIENT_SECRET = 'planted/client+secret=q7Hd0x';
const PASSWORD = 'planted password & more: 9Kw2';
const WEBHOOK_SECRET = 'planted-webhook-secret-5Tz81m';

/** Every command that touches a secret, at its most talkative; each also with --json. */
const COMMANDS: readonly (readonly string[])[] = [
  ['status'],
  ['token', 'list'],
  ['token', 'inspect', 'quickbooks'],
  ['token', 'inspect', 'slack'],
  ['token', 'inspect', 'mycarrierpackets'],
  ['token', 'refresh', '--all', '--force'],
  ['sync', 'quickbooks', '--entity', 'items'],
  ['api', 'quickbooks', '/companyinfo/9130000000000001', '-i'],
  ['api', 'slack', '/auth.test', '-i'],
  ['api', 'quickbooks', '/nowhere'],
  ['provider', 'show', 'quickbooks'],
  ['secret', 'list'],
  ['webhook', 'sign', 'slack'],
  ['webhook', 'verify', 'slack', '--body', '-', '-H', 'x-slack-signature: v0=0', '-H', 'x-slack-request-timestamp: 1'],
  ['webhook', 'trigger', 'slack', 'message'],
  ['webhook', 'list'],
  ['webhook', 'prune', '--older-than', '0s', '--all', '--yes'],
  ['token', 'get', 'nobody'],
];

/** What a server shows of each table to somebody who has the password, bytes in hex; nothing where the store is a file. */
function rowsIn(home: string): { name: string; content: Buffer }[] {
  if (!ON_POSTGRES) return [];
  return [...columnsOf(home).keys()].map((name) => {
    const rows = queryStore<{ row: string }>(home, `SELECT each::text AS row FROM ${name} AS each`);
    return { name, content: Buffer.from(rows.map(({ row }) => row).join('\n')) };
  });
}

test('no secret is shown anywhere but by token get', { timeout: 120_000 }, async () => {
  const lwi = await openScenario({ records: 6000 });
  const planted: Record<string, string> = {
    ...{
      'the client secret': CLIENT_SECRET,
      'the password': PASSWORD,
      'the webhook secret': WEBHOOK_SECRET,
      'the key': lwi.key,
    },
  };
  const output: string[] = [];
  const keep = ({ stdout, stderr }: { stdout: string; stderr: string }) => void output.push(stdout, stderr);
  const note = async (when: string) => {
    for (const [at, token] of (await openTokens(lwi.home, lwi.key)).entries()) planted[`token ${at} ${when}`] = token;
  };
  const env = {
    ...{ LWI_QUICKBOOKS_CLIENT_ID: 'app', LWI_QUICKBOOKS_CLIENT_SECRET: CLIENT_SECRET },
    ...{ LWI_MYCARRIERPACKETS_USERNAME: 'broker@example.com', LWI_MYCARRIERPACKETS_PASSWORD: PASSWORD },
  };
  const run = async (words: readonly string[], stdin?: string) =>
    keep(await lwi.run([...words, '-vv'], { env, stdin }));

  // Connecting, with the code that the browser carries.
  const running = await lwi.startConnect(['quickbooks', '-vv'], { env });
  const location = await approve(running.address);
  planted['the authorization code'] = new URL(location).searchParams.get('code') ?? '';
  output.push((await visit(location)).text);
  keep(await running.ended);
  keep(await lwi.connect(['slack', '-vv']));
  await run(['connect', 'mycarrierpackets']);
  for (const provider of ['slack', 'quickbooks'])
    await run(['secret', 'set', provider, 'webhook-secret'], WEBHOOK_SECRET);
  await note('as connected');

  for (const words of COMMANDS) {
    await run(words, '{"load":4411}');
    // What is written is the same from here, for a tenth of the time.
    keep(await lwi.runHere([...words, '--json', '-vv'], { env, stdin: '{"load":4411}' }));
  }
  await note('as refreshed');

  // Failures that carry what was sent or what came back.
  keep(await lwi.connect(['quickbooks', '-vv'], { company: 1, env }));
  for (const fault of ['500', 'cut', 'truncate', 'html']) {
    await lwi.control(`faults?fault=${fault}:quickbooks/tokens&fault=${fault}:mycarrierpackets/token`);
    await run(['token', 'refresh', '--all', '--force']);
  }
  await lwi.control('faults');

  // A killed process leaves its write-ahead log behind.
  const sync = lwi.start(['sync', 'quickbooks', '--entity', 'customers', '-vv'], { env });
  const customers = "SELECT count(*) AS n FROM records WHERE entity = 'customers'";
  await expect.poll(() => queryStore(lwi.home, customers), { interval: 5, timeout: 20_000 }).not.toEqual([{ n: 0 }]);
  sync.child.kill('SIGKILL');
  keep(await sync.ended);
  await note('at the end');

  expect(Object.keys(planted).length).toBeGreaterThan(15);
  expect(output.join('\n').length).toBeGreaterThan(20_000);
  expect(shownIn(Buffer.from(output.join('\n')), planted)).toEqual([]);
  const files = [...filesBelow(lwi.cwd), ...rowsIn(lwi.home)];
  expect(files.map(({ name }) => name)).toContain(ON_POSTGRES ? 'oauth_tokens' : join(lwi.home, 'lwi.db'));
  expect(files.flatMap(({ name, content }) => shownIn(content, planted).map((what) => `${name}: ${what}`))).toEqual([]);

  // And the search does find what is there, also inside a Basic header.
  const get = await lwi.run(['token', 'get', 'slack', '-vv']);
  expect(shownIn(Buffer.from(get.stderr), planted)).toEqual([]);
  expect(shownIn(Buffer.from(get.stdout), planted)).toContainEqual(
    expect.stringMatching(/^token \d+ at the end in plain$/),
  );
  const basic = Buffer.from(Buffer.from(`app:${CLIENT_SECRET}`).toString('base64'));
  expect(shownIn(basic, planted)).toContain('the client secret in base64 at 1');
});
