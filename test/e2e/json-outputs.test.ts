import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { leavesOf, pathOf } from '../../commands/help/command-tree.ts';
import { helpAnswer } from '../../commands/help/help-answer.ts';
import { BUILT_IN } from '../../src/providers/registry.ts';
import { generateKey } from '../../src/vault/encryption-key.ts';
import { commandTree } from '../reference/commands-page.ts';
import { OUTPUTS, WITHOUT_OUTPUT } from '../reference/outputs/outputs.ts';
import { outputMisfits, stderrMisfits } from '../support/output-fit.ts';
import { plantRecord, plantSetAside } from '../support/planted-rows.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { startListen, startServe, WEBHOOK_SECRETS } from '../support/serving.ts';
import { postEvent, slackEvent } from '../support/signed-event.ts';
import { openTarget } from '../support/target.ts';

const FIXTURE = fileURLToPath(new URL('../fixtures/webhooks/slack-message.json', import.meta.url));
const SIGNED_AT = '2026-01-05T10:00:00Z';

/** Outputs that are made in another place, and the test that compares them there. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'demo, at the end': 'demo.test.ts: it takes seconds',
  'sync, with `--queue`': 'serve-shared.test.ts: it needs PostgreSQL',
  'webhook replay, with `--queue`': 'serve-shared.test.ts: it needs PostgreSQL',
  'key import, into the keychain': 'test/system/keychain-command.test.ts: it needs a keychain',
};

test('every command has its JSON output in the reference, or a reason why it has none', () => {
  const commands = leavesOf(commandTree()).map((leaf) => pathOf(leaf).replace(/^lwi /, ''));
  const described = [...Object.keys(OUTPUTS), ...Object.keys(WITHOUT_OUTPUT)];
  expect(described.toSorted()).toEqual(commands.toSorted());
});

test('the comparison notices what is missing, what is too much, and what is of another kind', () => {
  const got = (document: object) => outputMisfits('secret remove', 'when it is removed', JSON.stringify(document));
  const right = { account: 'default', provider: 'slack', name: 'client-id', removed: true };
  const { name: _, ...missing } = right;
  expect(got(right)).toEqual([]);
  expect(
    [got(missing), got({ ...right, value: 'x' }), got({ ...right, removed: 'yes' })].map((each) => each.length),
  ).toEqual([1, 1, 1]);
});

type Options = Parameters<Scenario['run']>[1] & { readonly exit?: number };
type Run = readonly [command: string, when: string, words?: readonly string[], options?: Options];

/** Compares outputs and remembers which ones. */
function comparison(lwi: Scenario) {
  const misfits: string[] = [];
  const seen = new Set<string>();
  const fits = (command: string, when: string, stdout: string) => {
    seen.add(`${command}, ${when}`);
    misfits.push(...outputMisfits(command, when, stdout).map((misfit) => `lwi ${command}, ${when}: ${misfit}`));
  };
  const run = async (...[command, when, words = [], { exit = 0, ...options } = {}]: Run) => {
    const ran = await lwi.run([...command.split(' '), ...words, '--json'], options);
    if (ran.code !== exit) misfits.push(`lwi ${command}, ${when}: code ${ran.code}: ${ran.stderr}`);
    fits(command, when, ran.stdout);
    const notes = ran.stderr.split('\n').filter((line) => line.startsWith('{'));
    misfits.push(...stderrMisfits(notes.join('\n')).map((misfit) => `stderr of lwi ${command}, ${when}: ${misfit}`));
    return ran;
  };
  return { misfits, seen, fits, run, all: (...runs: readonly Run[]) => Promise.all(runs.map((each) => run(...each))) };
}

/** What `help` writes of a topic or an error code, by when the reference says so. */
const HELP: Readonly<Record<string, readonly string[]>> = {
  'for `exit-codes`': ['exit-codes'],
  'for `environment`': ['environment'],
  'for `providers`': ['providers'],
  'for `errors`': ['errors'],
  'for an error code': ['errors', 'KEY_WRONG'],
  'for `limits`, which is a command too': ['limits'],
  'for `reference`': ['reference'],
};

test('what help says of topics is exactly as the reference has it', async () => {
  const context = { config: async () => ({}), providers: async () => BUILT_IN };
  const told = Object.entries(HELP).map(async ([when, words]) => {
    const answer = await helpAnswer(context, commandTree(), words);
    return outputMisfits('help', when, JSON.stringify(answer?.data));
  });
  expect((await Promise.all(told)).flat()).toEqual([]);
});

test('every output is exactly as the reference has it', { timeout: 240_000 }, async () => {
  const lwi = await openScenario({ records: 3 });
  const { misfits, seen, fits, run, all } = comparison(lwi);
  const file = (name: string) => join(lwi.cwd, name);

  fits('connect', 'when it is connected', (await lwi.connect(['quickbooks', '--json'])).stdout);
  await lwi.json(['connect', 'mycarrierpackets']);
  await run('sync', 'with a provider', ['quickbooks', '--entity', 'invoices', 'customers']);
  await run('sync', 'without a provider', ['--entity', 'carriers'], { exit: 2 });
  plantSetAside(lwi.home, 'it has no Id', { DocNumber: '7' }, { method: 'GET', path: '/query', query: {} });
  plantRecord(lwi.home, '9', { Id: '9' }, { deleted: 2 });

  const header = ['-H', 'RateLimit-Policy: "minute";q=50;w=60', '-H', 'RateLimit: "minute";r=12;t=30'];
  const entity = ['quickbooks', 'customers'];
  await all(
    ['status', 'always'],
    ['token list', 'always'],
    ['token inspect', 'always', ['quickbooks']],
    ['token get', 'always', ['quickbooks']],
    ['limits', 'always'],
    ['limits explain', 'always', header],
    ['provider list', 'always'],
    ['provider show', 'always', ['slack']],
    ['records list', 'always', ['--deleted']],
    ['records list', 'with `--set-aside`', ['--set-aside']],
    ['records get', 'always', ['quickbooks', 'invoices', '2']],
    ['records count', 'always'],
    ['records export', 'without `-o`', entity],
    ['records export', 'with `--set-aside` and without `-o`', ['--set-aside']],
    ['records export', 'with `-o <file>`', [...entity, '-o', file('customers.csv')]],
  );

  await all(['help', 'without words'], ['help', 'for a command', ['sync']]);

  const own = { id: 'acme', api: { baseUrl: 'https://api.acme.example/v1' } };
  await run('provider add', 'when it is added', ['--file', lwi.write('acme.json', own)]);
  await run('secret set', 'when it is kept', ['slack', 'client-id'], { stdin: 'app' });
  await run('secret list', 'always');
  await run('secret remove', 'when it is removed', ['slack', 'client-id']);
  await run('sync', 'with `--dry-run` and a provider', ['quickbooks', '--dry-run']);
  await run('sync', 'with `--dry-run` and no provider', ['--dry-run']);
  const rows = await lwi.run(['sync', 'quickbooks', '--entity', 'customers', '--full', '--output', 'jsonl']);
  fits('sync', 'with `--output jsonl`, which goes without `--json`', rows.stdout);
  const watch = lwi.start(['sync', 'quickbooks', '--watch', '--entity', 'customers', '--json']);
  await watch.said(/"type":"poll"/);
  watch.child.kill('SIGINT');
  fits('sync', 'with `--watch`', (await watch.ended).stdout);
  await run('token refresh', 'always', ['--all', '--force']);

  // Whatever a receiver says: it is ready, an event, the same again, one that is forged, attempts to forward, and a target that is down.
  const target = await openTarget((_, __, count) => (count === 1 ? 503 : 200));
  const listen = await startListen(lwi, ['--forward-to', target.url, '--forward-to', 'http://127.0.0.1:9/']);
  for (const event of [slackEvent('Ev1'), slackEvent('Ev1'), slackEvent('Ev2', { secret: 'another' })]) {
    await postEvent(`${listen.url}/webhooks/slack`, event);
  }
  await listen.line('duplicate');
  await listen.line('refused');
  await listen.line('delivery', { state: 'delivered' });
  await listen.line('delivery', { target: 'http://127.0.0.1:9/' });
  listen.child.kill('SIGTERM');
  fits('webhook listen', 'a line at a time', (await listen.ended).stdout);
  const serve = await startServe(lwi, ['quickbooks', '--interval', '1h']);
  await serve.line('poll');
  await serve.deliver('quickbooks', 'event=invoice.updated&id=1');
  await serve.line('event', { outcome: 'applied' });
  serve.child.kill('SIGTERM');
  fits('serve', 'a line at a time', (await serve.ended).stdout);

  const env = WEBHOOK_SECRETS;
  await all(
    ['webhook list', 'always'],
    ['webhook show', 'always', ['Ev1']],
    ['webhook show', 'with `--fixture`', ['Ev1', '--fixture']],
    ['webhook replay', 'without `--queue`', [FIXTURE, '--to', target.url]],
    ['webhook trigger', 'without `--to`', ['slack', 'message'], { env }],
    ['webhook trigger', 'with `--to`', ['slack', 'message', '--to', target.url], { env }],
    ['webhook trigger', 'with `--list`, or without an event', ['quickbooks', '--list']],
    ['webhook verify', 'without `--jsonl`', [FIXTURE, '--at', SIGNED_AT], { env }],
    ['webhook verify', 'with `--jsonl`', [FIXTURE, '--jsonl'], { env, exit: 6 }],
    ['webhook sign', 'always', ['slack'], { env, stdin: '{}' }],
  );
  await run('webhook prune', 'always', ['--older-than', '0s', '--all', '--yes']);

  await all(
    ['smoke', 'always', [], { env }],
    ['doctor', 'always', ['--offline'], { env }],
    ['completion', 'always', ['bash']],
    ['store status', 'always'],
    ['store migrate', 'always'],
  );
  // Those that fail, too; the checklist is cut short, so that some lines pass, one fails and the rest is skipped.
  await run('provider check', 'always', ['slack', '--timeout', '1s'], { exit: 8 });
  await run('smoke', 'always', ['slack'], { env, exit: 8 });

  const secret = { LWI_KEY_PASSPHRASE: 'correct horse battery staple' };
  await all(
    ['key status', 'always; the exit code is that of the problem'],
    ['key generate', 'always'],
    ['key export', 'without a file', [], { env: secret }],
    ['key export', 'with a file', [file('backup')], { env: secret }],
  );
  await run('key import', 'with `--key-file`', [file('backup'), '--key-file', file('key')], { env: secret });
  await run('store copy', 'always', ['--to', file('moved.db')]);
  const next = generateKey();
  await run('key rotate', 'when it is done', [], { env: { LWI_NEW_ENCRYPTION_KEY: next } });
  await run('disconnect', 'when it is disconnected', ['quickbooks'], { env: { LWI_ENCRYPTION_KEY: next } });
  const mock = lwi.start(['mock', 'slack', '--port', '0', '--json']);
  await mock.said(/"ready"/);
  mock.child.kill('SIGTERM');
  fits('mock', 'one line', (await mock.ended).stdout);

  expect(misfits).toEqual([]);
  const described = Object.entries(OUTPUTS).flatMap(([command, outputs]) =>
    outputs.map(({ when }) => `${command}, ${when}`),
  );
  const topics = Object.keys(HELP).map((when) => `help, ${when}`);
  expect([...seen, ...topics, ...Object.keys(ELSEWHERE)].toSorted()).toEqual(described.toSorted());
});
