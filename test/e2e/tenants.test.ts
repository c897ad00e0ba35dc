import { describe, expect, test } from 'vitest';
import { leavesOf, pathOf } from '../../commands/help/command-tree.ts';
import { commandTree } from '../reference/commands-page.ts';
import { openTokens } from '../support/planted.ts';
import { openScenario } from '../support/scenario.ts';
import { startListen } from '../support/serving.ts';
import { postEvent, slackEvent } from '../support/signed-event.ts';
import { columnsOf, queryStore } from '../support/store-file.ts';

/** Everything that the database holds of an account, by table: its rows, leases and buckets. */
function rowsOf(home: string, account: string): Record<string, unknown[]> {
  const tables = columnsOf(home);
  return Object.fromEntries(
    Array.from(tables, ([name, columns]) => {
      const key = ['account_id', 'scope'].find((column) => columns.includes(column));
      const match = key === 'scope' ? `${account}/%` : account;
      // On PostgreSQL a connection names its account by a UUID.
      const of =
        tables.has('accounts') && name === 'oauth_tokens' ? '(SELECT name FROM accounts WHERE id = account_id)' : key;
      return [name, key ? queryStore(home, `SELECT * FROM ${name} WHERE ${of} LIKE ? ORDER BY 1, 2`, match) : []];
    }),
  );
}

/** A way for one command to try; it must end with this code and, where given, with this document. */
interface Attempt {
  readonly words: readonly string[];
  readonly code: number;
  readonly document?: unknown;
  readonly stdout?: string;
  readonly stdin?: string;
}

const refused = (...words: string[]): Attempt => ({ words, code: 3 });
const empty = (...words: string[]): Attempt => ({ words, code: 0, document: [] });
/** Gives nothing, of a stream of lines. */
const silent = (...words: string[]): Attempt => ({ words, code: 0, stdout: '' });
const allowed = (...words: string[]): Attempt => ({ words, code: 0 });

/** Every command of the tree, in the order of the attempts: how account south reaches for what account north has, or why it cannot. */
const ATTEMPTS: Readonly<Record<string, readonly Attempt[] | string>> = {
  connect: [{ words: ['connect', 'quickbooks', '--paste', '--redirect-uri', 'https://lwi.example/cb'], code: 2 }],
  disconnect: [
    refused('disconnect', 'quickbooks'),
    refused('disconnect', 'quickbooks', '--force'),
    refused('disconnect', 'quickbooks', '--keep-remote'),
  ],
  status: [empty('status')],
  'token list': [empty('token', 'list')],
  'token inspect': [refused('token', 'inspect', 'quickbooks')],
  'token refresh': [
    refused('token', 'refresh', 'quickbooks', '--force'),
    empty('token', 'refresh', '--all', '--force'),
    empty('token', 'refresh', '--all'),
  ],
  'token get': [refused('token', 'get', 'quickbooks')],
  sync: [refused('sync', 'quickbooks'), refused('sync')],
  'records list': [silent('records', 'list'), silent('records', 'list', 'quickbooks', 'customers')],
  'records get': [{ words: ['records', 'get', 'quickbooks', 'customers', '1'], code: 4 }],
  'records count': [empty('records', 'count')],
  'records export': [silent('records', 'export')],
  serve: 'runs until it is stopped: that it serves the named account alone, serve.test.ts shows',
  api: [refused('api', 'quickbooks', '/query', '--query', 'query=select * from Customer')],
  limits: [
    empty('limits'),
    refused('limits', 'quickbooks'),
    refused('limits', 'quickbooks', '--reset'),
    empty('limits', '--reset'),
  ],
  'limits explain': [allowed('limits', 'explain', '-H', 'Retry-After: 5')],
  exec: [refused('exec', 'quickbooks', '--', 'env')],
  'webhook verify': [{ words: ['webhook', 'verify', 'quickbooks', '--body', 'body'], code: 6 }],
  'webhook listen': 'runs until it is stopped: that secrets and events of accounts stay apart, listen.test.ts shows',
  'webhook list': [empty('webhook', 'list'), empty('webhook', 'list', 'slack', '--state', 'received')],
  'webhook show': [
    { words: ['webhook', 'show', 'EvOfNorth'], code: 2 },
    { words: ['webhook', 'show', 'EvOfNo', '--raw'], code: 2 },
  ],
  'webhook prune': [
    { words: ['webhook', 'prune', '--older-than', '0s', '--all', '--yes'], code: 0, document: { removed: 0 } },
    { words: ['webhook', 'prune', 'slack', '--older-than', '0s', '--failed', '--yes'], code: 0 },
  ],
  'webhook trigger': [{ words: ['webhook', 'trigger', 'quickbooks', 'invoice.updated'], code: 2 }],
  'webhook replay': [
    { words: ['webhook', 'replay', 'EvOfNo', '--to', 'http://127.0.0.1:9/'], code: 2 },
    // What is sent is listed.
    ...['--waiting', '--failed'].map((which) => allowed('webhook', 'replay', which, '--to', 'http://127.0.0.1:9/')),
  ],
  'webhook sign': [{ words: ['webhook', 'sign', 'quickbooks', '--body', 'body'], code: 2 }],
  'provider list': [allowed('provider', 'list')],
  'provider show': [allowed('provider', 'show', 'quickbooks')],
  'provider add': 'a definition holds no data of an account',
  'secret list': [empty('secret', 'list'), empty('secret', 'list', 'quickbooks')],
  'secret remove': [{ words: ['secret', 'remove', 'quickbooks', 'webhook-secret'], code: 2 }],
  'secret set': [{ words: ['secret', 'set', 'quickbooks', 'webhook-secret'], code: 0, stdin: 'of-south' }],
  completion: 'prints a script; what that asks for obeys the account on the line, and reads names alone',
  'key generate': 'makes a new key and reads nothing',
  'key status': 'one key seals all accounts of a home',
  'key rotate': 'one key seals all accounts of a home',
  'key export': 'one key seals all accounts of a home',
  'key import': 'one key seals all accounts of a home',
  'store status': 'one database holds all accounts; it tells how many rows there are, and nothing of them',
  'store migrate': 'one database holds all accounts',
  'store copy': 'one database holds all accounts, and so does its copy; what a key seals stays sealed',
  'provider check': 'works in a home of its own; a sandbox is asked through the chosen account alone',
  smoke: [
    { words: ['smoke'], code: 8 },
    { words: ['smoke', 'quickbooks'], code: 8 },
  ],
  doctor: 'looks at the machine, and asks the hosts of the chosen account without a token',
  demo: 'has a home of its own',
  mock: 'has no data but its own',
  help: 'shows no data of an account',
};

const COMMANDS = leavesOf(commandTree()).map((leaf) => pathOf(leaf).replace(/^lwi /, ''));

test.each(COMMANDS)('what `%s` can reach of another account is known', (command) => {
  expect(Object.keys(ATTEMPTS)).toContain(command);
});

describe.each([
  ['--account', ['-a', 'south'], {}, {}, 'run'],
  // Where an account comes from is told in one place: it need not be a new process for each command again.
  ['LWI_ACCOUNT', [], { LWI_ACCOUNT: 'south' }, {}, 'runHere'],
  ['the config', [], {}, { account: 'south' }, 'runHere'],
] as const)('an account that %s names', (_, flags, env, config, run) => {
  test('sees, uses and changes nothing of another one, by any command', { timeout: 120_000 }, async () => {
    const lwi = await openScenario({ records: 3 });
    await lwi.connected(['quickbooks', '-a', 'north']);
    for (const name of ['webhook-secret', 'client-secret']) {
      await lwi.prepare(['-a', 'north', 'secret', 'set', 'quickbooks', name], { stdin: `${name}-of-north` });
    }
    await lwi.prepare(['secret', 'set', 'quickbooks', 'client-id', '-a', 'north'], { stdin: 'app-of-north' });
    await lwi.prepare(['-a', 'north', 'sync', 'quickbooks', '--entity', 'customers']);
    const listen = await startListen(lwi, ['-a', 'north', '--forward-to', 'http://127.0.0.1:9/']);
    expect((await postEvent(`${listen.url}/webhooks/slack`, slackEvent('EvOfNorth'))).status).toBe(200);
    listen.child.kill('SIGTERM');
    await listen.ended;
    lwi.config(config);
    const body = lwi.write('body', '[]');
    const before = rowsOf(lwi.home, 'north');
    for (const table of ['oauth_tokens', 'secrets', 'records', 'sync_cursors', 'throttle_buckets', 'inbox']) {
      expect([table, before[table]?.length]).not.toEqual([table, 0]);
    }
    const fingerprints = queryStore<{ fingerprint: string }>(lwi.home, 'SELECT fingerprint FROM secrets');
    const theirs = [
      ...(await openTokens(lwi.home, lwi.key)),
      ...fingerprints.map(({ fingerprint }) => fingerprint),
      ...['Laneweaver Freight LLC', '9130000000000001', 'of-north', 'north', 'OfNorth'],
    ];
    const asked = await lwi.requests();
    const attempts = Object.entries(ATTEMPTS).filter(([name]) => COMMANDS.includes(name));
    for (const { words, code, document, stdout, stdin } of attempts.flatMap(([, of]) =>
      typeof of === 'string' ? [] : of,
    )) {
      const given = words.map((word) => (word === 'body' ? body : word));
      const ran = await lwi[run]([...flags, '--json', ...given], { env, stdin });
      expect({ words, code: ran.code, stderr: ran.stderr }).toEqual({ words, code, stderr: ran.stderr });
      if (document !== undefined) expect({ words, document: JSON.parse(ran.stdout) }).toEqual({ words, document });
      if (stdout !== undefined) expect({ words, stdout: ran.stdout }).toEqual({ words, stdout });
      const shown = ran.stdout + ran.stderr;
      expect({ words, shown: theirs.filter((secret) => shown.includes(secret)) }).toEqual({ words, shown: [] });
    }
    expect(rowsOf(lwi.home, 'north')).toEqual(before);
    expect(await lwi.requests()).toEqual(asked);
    // The flag goes before the environment, and that before the config.
    expect(await lwi.json(['-a', 'north', 'status'], { env })).toMatchObject([{ account: 'north', health: 'valid' }]);
  });
});

test('what one account does leaves every row of the other as it was, the throttle too', async () => {
  const lwi = await openScenario({ records: 3 });
  await lwi.connected(['quickbooks', '-a', 'north']);
  await lwi.prepare(['sync', 'quickbooks', '--entity', 'customers', '-a', 'north']);
  const before = rowsOf(lwi.home, 'north');
  const south = { env: { LWI_ACCOUNT: 'south' } };
  await lwi.connected(['quickbooks'], { company: 1, ...south });
  await lwi.json(['sync', 'quickbooks', '--entity', 'customers', 'items'], south);
  await lwi.json(['api', 'quickbooks', '/query', '--query', 'query=select count(*) from Item'], south);
  await lwi.json(['token', 'refresh', '--all', '--force'], south);
  expect(rowsOf(lwi.home, 'south')['throttle_buckets']).not.toEqual([]);
  expect(rowsOf(lwi.home, 'south')['oauth_tokens']).toMatchObject([{ refresh_count: 1 }]);
  await lwi.json(['disconnect', 'quickbooks'], south);
  expect(rowsOf(lwi.home, 'north')).toEqual(before);
  expect(await lwi.json(['token', 'refresh', '--all'])).toMatchObject([{ account: 'north', outcome: 'fresh' }]);
});

test('two accounts hold two companies of one provider, each with its own token', async () => {
  const lwi = await openScenario({ records: 3 });
  await lwi.connected(['quickbooks', '-a', 'north']);
  await lwi.connected(['quickbooks', '-a', 'south'], { company: 1 });
  expect(await lwi.json(['status'])).toMatchObject([
    { account: 'north', externalName: 'Laneweaver Freight LLC' },
    { account: 'south', externalName: 'Laneweaver Logistics Canada Inc' },
  ]);
  const [north, south] = await Promise.all(
    ['north', 'south'].map((a) => lwi.run(['token', 'get', 'quickbooks', '-a', a])),
  );
  expect(north?.stdout).not.toBe(south?.stdout);
});

test.each(['../etc', 'a b', 'x/y', '-'])('the account id %j is refused with code 2', async (account) => {
  const lwi = await openScenario();
  expect((await lwi.run(['status', `--account=${account}`])).code).toBe(2);
});
