import { describe, expect, test } from 'vitest';
import { failureOf, inThisProcess, openScenario, type Scenario } from '../support/scenario.ts';
import { startListen, WEBHOOK_SECRETS } from '../support/serving.ts';
import { postEvent, quickbooksEvent, slackEvent, slackSigned } from '../support/signed-event.ts';
import { changeStore, queryStore } from '../support/store-file.ts';
import { openTarget, type Target } from '../support/target.ts';

interface Listed {
  readonly eventId: string;
  readonly account: string;
  readonly state: string;
}

const DAY_MS = 86_400_000;

/** An inbox with an event in each state that listen leaves behind, and one of another account and one of another provider. */
async function filled(): Promise<{ lwi: Scenario; target: Target }> {
  const lwi = inThisProcess(await openScenario());
  const target = await openTarget((one) => {
    const id = one.header('x-lwi-event-id');
    return id === 'EvFailed-1' ? 410 : id === 'EvWaits-1' ? 500 : 200;
  });
  const plain = await startListen(lwi);
  expect((await postEvent(`${plain.url}/webhooks/slack`, slackEvent('EvKept-1'))).status).toBe(200);
  expect((await postEvent(`${plain.url}/webhooks/slack/acme`, slackEvent('EvKept-2'))).status).toBe(200);
  plain.child.kill('SIGTERM');
  await plain.ended;
  const listen = await startListen(lwi, ['--forward-to', target.url]);
  for (const id of ['EvDone-1', 'EvFailed-1', 'EvWaits-1'])
    expect((await postEvent(`${listen.url}/webhooks/slack`, slackEvent(id))).status).toBe(200);
  const intuit = quickbooksEvent(['9130000000000001']);
  expect((await postEvent(`${listen.url}/webhooks/quickbooks`, intuit)).status).toBe(200);
  await listen.line('delivery', { provider: 'quickbooks', state: 'delivered' });
  await listen.line('delivery', { eventId: 'EvFailed-1', state: 'failed' });
  await listen.line('delivery', { eventId: 'EvDone-1', state: 'delivered' });
  // The third attempt is half a minute away.
  await listen.line('delivery', { eventId: 'EvWaits-1', attempt: 2 });
  listen.child.kill('SIGTERM');
  await listen.ended;
  return { lwi, target };
}

const ids = (listed: unknown) => (listed as Listed[]).map(({ eventId }) => eventId);

describe('webhook list', () => {
  test('shows what came, the newest first, and takes every filter', async () => {
    const { lwi, target } = await filled();
    const list = async (...words: string[]) => (await lwi.json(['webhook', 'list', ...words])) as Listed[];
    const all = await list();
    expect(all.map(({ eventId, account, state }) => [eventId.slice(0, 10), account, state])).toEqual([
      [expect.stringMatching(/^[0-9a-f]{10}$/), 'default', 'delivered'],
      ['EvWaits-1', 'default', 'delivering'],
      ['EvFailed-1', 'default', 'failed'],
      ['EvDone-1', 'default', 'delivered'],
      ['EvKept-2', 'acme', 'received'],
      ['EvKept-1', 'default', 'received'],
    ]);
    expect(all[2]).toEqual({
      ...{ eventId: 'EvFailed-1', provider: 'slack', account: 'default', type: 'message', state: 'failed' },
      ...{ receivedAt: expect.stringMatching(/Z$/), bytes: expect.any(Number) },
      forwards: [{ target: target.url, state: 'failed', attempts: 1, lastError: 'answered 410' }],
    });
    expect(all[1]).toMatchObject({ forwards: [{ state: 'received', attempts: 2, nextAt: expect.any(String) }] });
    expect(ids(await list('-a', 'acme'))).toEqual(['EvKept-2']);
    expect(ids(await list('quickbooks'))).toEqual([all[0]?.eventId]);
    expect(ids(await list('--provider', 'slack', '--limit', '1'))).toEqual(['EvWaits-1']);
    for (const two of [
      ['--state', 'failed,delivering'],
      ['--state', 'failed', '--state', 'delivering'],
    ])
      expect(ids(await list(...two, 'slack'))).toEqual(['EvWaits-1', 'EvFailed-1']);
    expect(await list('--state', 'failed', 'quickbooks')).toEqual([]);
    expect(await list('--state', 'applied')).toEqual([]);
    expect(await list('--since', '1h')).toHaveLength(6);
    changeStore(lwi.home, `UPDATE inbox SET received_at = received_at - ${2 * DAY_MS} WHERE key LIKE 'EvKept%'`);
    expect(await list('--since', '1d')).toHaveLength(4);
    const { stdout, stderr } = await lwi.run(['webhook', 'list', '--limit', '2']);
    expect(stdout.split('\n')[0]).toMatch(/^RECEIVED +EVENT +PROVIDER +TYPE +STATE +TRIES$/);
    expect(stdout.trimEnd().split('\n')).toHaveLength(3);
    expect(stderr).toContain('note: the newest 2 are shown');
    for (const line of (await lwi.run(['webhook', 'list'])).stdout.split('\n'))
      expect(line.length).toBeLessThanOrEqual(80);
  });

  test('an empty inbox is an empty list, with the commands that fill it; nothing is made for that', async () => {
    const lwi = inThisProcess(await openScenario());
    expect(await lwi.json(['webhook', 'list'])).toEqual([]);
    const ran = await lwi.run(['webhook', 'list']);
    expect(ran).toMatchObject({ code: 0, stdout: '', stderr: expect.stringContaining('lwi webhook listen') });
  });

  test.each([
    ['an unknown state', ['--state', 'lost'], 'USAGE'],
    ['an unknown provider', ['slakc'], 'PROVIDER_UNKNOWN'],
    ['a time that is none', ['--since', 'yesterday-ish'], 'USAGE'],
    ['a time to come', ['--since', '2099-01-01'], 'USAGE'],
    ['`last`, which speaks of cursors', ['--since', 'last'], 'USAGE'],
    ['no limit', ['--limit', '0'], 'USAGE'],
    ['too much at once', ['--limit', '10001'], 'USAGE'],
  ])('%s is code 2', async (_, words, code) => {
    const lwi = inThisProcess(await openScenario());
    expect(failureOf(await lwi.run(['webhook', 'list', '--json', ...words]))).toMatchObject({
      exit: 2,
      error: { code },
    });
  });
});

describe('webhook show', () => {
  test('tells everything of an event: headers, body, and every attempt', async () => {
    const { lwi, target } = await filled();
    expect(await lwi.json(['webhook', 'show', 'EvWaits-1'])).toMatchObject({
      ...{ eventId: 'EvWaits-1', method: 'POST', path: '/webhooks/slack', state: 'delivering' },
      headers: expect.arrayContaining([['Content-Type', 'application/json']]),
      body: slackEvent('EvWaits-1').body,
      attempts: [
        { target: target.url, attempt: 1, status: 500, error: 'answered 500', replay: false },
        { target: target.url, attempt: 2, status: 500, error: 'answered 500', replay: false },
      ],
    });
    const { stdout } = await lwi.run(['webhook', 'show', 'EvWaits-1']);
    expect(stdout).toMatch(/^state +delivering$/m);
    expect(stdout).toMatch(/^POST \/webhooks\/slack$/m);
    expect(stdout).toMatch(/^ {2}"event_id": "EvWaits-1",$/m);
    expect(stdout.match(/answered 500/g)).toHaveLength(3);
  });

  test('an id may be cut; one that fits several, or none, is code 2 and says how to go on', async () => {
    const { lwi } = await filled();
    expect(await lwi.json(['webhook', 'show', 'EvDone'])).toMatchObject({ eventId: 'EvDone-1' });
    const refused = async (...words: string[]) => {
      const { exit, error } = failureOf(await lwi.run(['webhook', 'show', '--json', ...words]));
      return [exit, error['code'], `${error['message']} ${error['hint']}`] as const;
    };
    expect(await refused('EvKept')).toEqual([2, 'INPUT_INVALID', expect.stringMatching(/2 events fit.*acme\/slack/)]);
    expect(await refused('EvKep')).toEqual([2, 'INPUT_INVALID', expect.stringContaining('no event of that id')]);
    expect(await refused('EvNone-1')).toEqual([2, 'INPUT_INVALID', expect.stringContaining('lwi webhook list')]);
    expect(await refused('EvKept-2', '-a', 'default')).toEqual([2, 'INPUT_INVALID', expect.anything()]);
    expect(await lwi.json(['webhook', 'show', 'EvKept', '-a', 'acme'])).toMatchObject({ eventId: 'EvKept-2' });
    expect(await refused('EvDone-1', '--raw', '--fixture')).toEqual([2, 'USAGE', expect.anything()]);
  });

  test('--raw and --fixture give what verifies again, also of bytes that are no text', async () => {
    const lwi = inThisProcess(await openScenario());
    const listen = await startListen(lwi);
    const bytes = Buffer.from([...Array(256).keys()]);
    const binary = await postEvent(`${listen.url}/webhooks/slack`, slackSigned(bytes), [
      ...([['X-Name', 'münchen']] as const),
      ...(['constructor', '__proto__', 'toString'].map((name) => [name, 'x']) as [string, string][]),
    ]);
    const text = await postEvent(`${listen.url}/webhooks/slack`, slackEvent('Ev-text', { text: 'ünïcode\u2028' }));
    for (const { json } of [binary, text]) {
      const id = String(json['eventId']);
      for (const how of ['--raw', '--fixture']) {
        const shown = lwi.start(['webhook', 'show', id, how]);
        const chunks: Buffer[] = [];
        // As bytes: text would replace what is none.
        shown.child.stdout
          ?.removeAllListeners('data')
          .setEncoding('latin1')
          .on('data', (part: string) => {
            chunks.push(Buffer.from(part, 'latin1'));
          });
        expect((await shown.ended).code).toBe(0);
        const words = ['webhook', 'verify', 'slack', '-', '--json'];
        const verified = await lwi.run(words, { stdin: Buffer.concat(chunks), env: WEBHOOK_SECRETS });
        expect({ how, id, code: verified.code }).toEqual({ how, id, code: 0 });
      }
    }
    const human = await lwi.run(['webhook', 'show', String(binary.json['eventId'])]);
    expect(human.stdout).toContain('not text: --raw writes the bytes');
  });
});

describe('webhook prune', () => {
  const left = (lwi: Scenario) =>
    queryStore<{ key: string }>(lwi.home, "SELECT key FROM inbox WHERE provider = 'slack' ORDER BY key").map(
      ({ key }) => key,
    );
  const prune = (lwi: Scenario, ...words: string[]) => lwi.json(['webhook', 'prune', '--older-than', '0s', ...words]);

  test('takes what is delivered, with --failed the failed too, with --all what was just kept; never what waits', async () => {
    const { lwi } = await filled();
    expect(await lwi.json(['webhook', 'prune'])).toEqual({ removed: 0 });
    expect(await prune(lwi, '-a', 'acme')).toEqual({ removed: 0 });
    expect(await prune(lwi, 'quickbooks')).toEqual({ removed: 1 });
    expect(await prune(lwi)).toEqual({ removed: 1 });
    expect(left(lwi)).toEqual(['EvFailed-1', 'EvKept-1', 'EvKept-2', 'EvWaits-1']);
    expect(await prune(lwi, '--failed', '--yes')).toEqual({ removed: 1 });
    expect(await prune(lwi, '--all', '--yes', '-a', 'acme')).toEqual({ removed: 1 });
    expect(await prune(lwi, '--all', '--yes')).toEqual({ removed: 1 });
    expect(left(lwi)).toEqual(['EvWaits-1']);
    expect(queryStore(lwi.home, 'SELECT DISTINCT event FROM forward_attempts')).toHaveLength(1);
  });

  test('--older-than leaves what is younger', async () => {
    const { lwi } = await filled();
    changeStore(lwi.home, `UPDATE inbox SET received_at = received_at - ${2 * DAY_MS} WHERE key = 'EvDone-1'`);
    expect(await lwi.json(['webhook', 'prune', '--older-than', '1d'])).toEqual({ removed: 1 });
    expect(left(lwi)).not.toContain('EvDone-1');
  });

  test('without a terminal --failed and --all are code 2 and name --yes; nothing is removed', async () => {
    const { lwi } = await filled();
    const before = left(lwi);
    for (const which of [['--failed'], ['--all', '--all-accounts'], ['--all', '-a', 'acme']]) {
      const failure = failureOf(await lwi.run(['webhook', 'prune', '--older-than', '0s', ...which, '--json']));
      expect(failure).toMatchObject({ exit: 2, stdout: '' });
      expect(`${failure.error['message']} ${failure.error['hint']}`).toContain('--yes');
    }
    expect(left(lwi)).toEqual(before);
  });

  test('of several accounts it names them, and with --failed or --all wants to be told that all of them are meant', async () => {
    const { lwi } = await filled();
    const before = left(lwi);
    const all = ['webhook', 'prune', '--older-than', '0s', '--all', '--yes'];
    const { exit, error } = failureOf(await lwi.run([...all, '--json']));
    expect([exit, error['code'], `${error['message']} ${error['hint']}`]).toEqual([
      ...[2, 'USAGE'],
      expect.stringMatching(/acme, default.*-a.*--all-accounts/),
    ]);
    expect(left(lwi)).toEqual(before);
    const meant = [...all, 'quickbooks', '--all-accounts'];
    expect((await lwi.run(meant, { env: { LWI_ACCOUNT: 'acme' } })).stdout).toBe('1 event removed\n');
    // What is of no connection is no other tenant's.
    changeStore(lwi.home, "UPDATE inbox SET account_id = '' WHERE account_id = 'acme'");
    expect((await lwi.run(all)).stdout).toBe('4 events of (nobody), default removed\n');
    expect(left(lwi)).toEqual(['EvWaits-1']);
  });

  test.each([
    ['one account and all of them', ['-a', 'acme', '--all-accounts']],
    ['a span that is none', ['--older-than', 'old']],
    ['an unknown provider', ['slakc']],
  ])('%s is code 2', async (_, words) => {
    const lwi = inThisProcess(await openScenario());
    expect((await lwi.run(['webhook', 'prune', ...words])).code).toBe(2);
  });
});
