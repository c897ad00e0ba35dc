import { describe, expect, test } from 'vitest';
import { oddServer } from '../support/odd-server.ts';
import { inThisProcess, openScenario, type Scenario } from '../support/scenario.ts';
import { startServe, WEBHOOK_SECRETS } from '../support/serving.ts';
import { changeStore } from '../support/store-file.ts';

const env = WEBHOOK_SECRETS;

interface Fixture {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

async function fixture(lwi: Scenario, words: readonly string[]): Promise<Fixture & { content: unknown }> {
  const made = (await lwi.json(['webhook', 'trigger', ...words], { env })) as Fixture;
  return { ...made, content: JSON.parse(made.body) };
}

describe('webhook trigger', () => {
  test.each([
    ['slack', 'message_changed', []],
    ['slack', 'url_verification', []],
    ['quickbooks', 'invoice.updated', []],
    ['quickbooks', 'customer.merged', ['--format', 'legacy']],
    ['mycarrierpackets', 'carrier.packet.completed', []],
  ])('prints %s %s as a fixture and as a raw request, which verify', async (provider, event, more) => {
    const lwi = inThisProcess(await openScenario());
    for (const form of [[], ['--raw'], ['--json']]) {
      const printed = await lwi.run(['webhook', 'trigger', provider, event, ...more, ...form], { env });
      expect(printed).toMatchObject({ code: 0, stderr: '' });
      const words = ['webhook', 'verify', ...(form[0] === '--raw' ? [provider] : []), '-'];
      expect(await lwi.run(words, { env, stdin: printed.stdout })).toMatchObject({ code: 0 });
    }
  });

  test('--set changes the body before it is signed', async () => {
    const lwi = inThisProcess(await openScenario());
    const words = ['slack', 'message', '--set', 'event.text=héllo', '--set', 'event.blocks.0.n=12345678901234567890'];
    const made = await fixture(lwi, words);
    expect(made.content).toMatchObject({ event: { text: 'héllo', type: 'message' } });
    expect(made.body).toContain('"blocks":[{"n":12345678901234567890}]');
    const stdin = JSON.stringify({ provider: 'slack', ...made });
    expect(await lwi.run(['webhook', 'verify', '-'], { env, stdin })).toMatchObject({ code: 0 });
  });

  test('is about the tenant that the account is connected to', async () => {
    const lwi = inThisProcess(await openScenario());
    expect((await fixture(lwi, ['quickbooks', 'bill.created'])).content).toMatchObject([
      { intuitaccountid: '9130000000000001' },
    ]);
    await lwi.connected(['slack']);
    changeStore(lwi.home, "UPDATE oauth_tokens SET external_id = 'T0ABCDEF1'");
    expect((await fixture(lwi, ['slack', 'message'])).content).toMatchObject({ team_id: 'T0ABCDEF1' });
  });

  test('is fresh each time', async () => {
    const lwi = inThisProcess(await openScenario());
    const [one, two] = [await fixture(lwi, ['slack', 'message']), await fixture(lwi, ['slack', 'message'])];
    expect((one.content as { event_id: string }).event_id).not.toBe((two.content as { event_id: string }).event_id);
  });

  test('--to sends it, to the path of the provider where the address has none', async () => {
    const lwi = inThisProcess(await openScenario());
    const target = await oddServer(({ path }) => ({ status: path === '/no' ? 404 : 200 }));
    const at = (path: string) => ['webhook', 'trigger', 'quickbooks', 'invoice.voided', '--to', `${target.url}${path}`];
    expect(await lwi.json(at('/hook'), { env })).toMatchObject({ provider: 'quickbooks', ok: true, status: 200 });
    expect(await lwi.run(at(''), { env })).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^quickbooks invoice\.voided to http:\S+\/webhooks\/quickbooks: 200 in \d+ ms\n$/),
    });
    expect(target.received.map(({ path, method }) => `${method} ${path}`)).toEqual([
      'POST /hook',
      'POST /webhooks/quickbooks',
    ]);
    expect(target.received[0]?.headers).toMatchObject({
      'content-type': 'application/cloudevents+json',
      'intuit-signature': expect.stringMatching(/=$/),
      host: new URL(target.url).host,
    });
    expect((await lwi.run(at('/no'), { env })).code).toBe(4);
    expect(
      await lwi.run(['webhook', 'trigger', 'slack', 'message', '--to', 'http://127.0.0.1:1/'], { env }),
    ).toMatchObject({
      code: 5,
      stdout: expect.stringContaining('connection refused'),
    });
  });

  test('-v shows the exchange, without the query', async () => {
    const lwi = inThisProcess(await openScenario());
    const target = await oddServer(() => ({ status: 204 }));
    const to = (url: string) => ['webhook', 'trigger', 'slack', 'message', '-v', '--to', url];
    const { stderr } = await lwi.run(to(`${target.url}/hook?key=planted-query`), { env });
    expect(stderr).toMatch(/^\S+Z http webhook POST http:\/\/127\.0\.0\.1:\d+\/hook 204 \d+ ms\n$/);
    const none = await lwi.run(to('http://127.0.0.1:1/'), { env });
    expect(none.stderr).toMatch(/ http webhook POST http:\/\/127\.0\.0\.1:1\/ connection refused \d+ ms\n$/);
  });

  test('serve takes what it sends', async () => {
    const lwi = inThisProcess(await openScenario());
    await lwi.connected(['quickbooks']);
    const serve = await startServe(lwi);
    expect(
      await lwi.json(['webhook', 'trigger', 'quickbooks', 'invoice.updated', '--to', serve.url], { env }),
    ).toMatchObject({ ok: true, status: 200, to: `${serve.url}/webhooks/quickbooks` });
    await lwi.json(['webhook', 'trigger', 'slack', 'url_verification', '--to', serve.url], { env });
  });

  test('lists the events of a provider', async () => {
    const lwi = inThisProcess(await openScenario());
    const listed = (await lwi.json(['webhook', 'trigger', 'slack', '--list'])) as { events: { event: string }[] };
    expect(listed.events.map(({ event }) => event)).toEqual(expect.arrayContaining(['message', 'app_rate_limited']));
    const people = await lwi.run(['webhook', 'trigger', 'mycarrierpackets']);
    expect(people).toMatchObject({ code: 0, stdout: expect.stringMatching(/^EVENT +SENT WHEN\ncarrier\.packet/) });
    expect((await lwi.run(['webhook', 'trigger', 'quickbooks'])).stderr).toContain('cloudevents, legacy');
  });

  test('a provider of the user’s own gets a plain event under its own scheme', async () => {
    const lwi = inThisProcess(await openScenario());
    const webhook = {
      scheme: 'hmac',
      header: 'x-acme-signature',
      timestampHeader: 'x-acme-time',
      idHeader: 'x-acme-id',
    };
    lwi.config({ providers: { acme: { id: 'acme', api: { baseUrl: 'https://acme.example' }, webhook } } });
    const own = { LWI_ACME_WEBHOOK_SECRET: 'word' };
    const made = (await lwi.json(['webhook', 'trigger', 'acme', 'load.covered'], { env: own })) as Fixture;
    expect(made.headers).toMatchObject({ 'x-acme-id': (JSON.parse(made.body) as { id: string }).id });
    const ran = await lwi.run(['webhook', 'verify', '-'], { env: own, stdin: JSON.stringify(made) });
    expect(ran).toMatchObject({ code: 0 });
  });

  test.each([
    ['an unknown event', ['slack', 'mesage'], 'did you mean message?'],
    ['an unknown provider', ['slak', 'message'], 'did you mean slack?'],
    ['an unknown form', ['quickbooks', 'invoice.updated', '--format', 'xml'], 'cloudevents, legacy'],
    ['a form where there is one only', ['slack', 'message', '--format', 'legacy'], 'one form only'],
    ['a path without a value', ['slack', 'message', '--set', 'event.text'], 'path=value'],
    ['an address that is none', ['slack', 'message', '--to', 'nowhere'], 'http or https address'],
    ['a password in the address', ['slack', 'message', '--to', 'http://me:hush@127.0.0.1/'], 'user name or password'],
    ['a timeout that is none', ['slack', 'message', '--to', 'http://127.0.0.1:1/', '--timeout', '1d'], 'up to 10m'],
    ['an address without an event', ['slack', '--to', 'http://127.0.0.1:1/'], 'which event'],
    ['a value without an event', ['slack', '--set', 'a=1'], 'which event'],
    ['--raw without an event', ['slack', '--raw'], 'which event'],
    ['a name with a header in it', ['acme', 'load\r\nx-injected: 1', '--raw'], 'visible ASCII'],
    ['a name with a blank', ['acme', 'load covered'], 'visible ASCII'],
    ['another machine, and nobody to ask', ['slack', 'message', '--to', 'https://api.example.com/'], '--yes'],
  ])('%s is code 2', async (_name, words, said) => {
    const lwi = inThisProcess(await openScenario());
    const webhook = { header: 'x-acme-signature', typeHeader: 'x-acme-event' };
    lwi.config({ providers: { acme: { id: 'acme', api: { baseUrl: 'https://acme.example' }, webhook } } });
    const ran = await lwi.run(['webhook', 'trigger', ...words], { env: { ...env, LWI_ACME_WEBHOOK_SECRET: 'word' } });
    expect(ran).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(said) });
    expect(ran.stderr).not.toContain('hush');
  });

  test('without a secret is code 2, naming the variable', async () => {
    const lwi = inThisProcess(await openScenario());
    expect(await lwi.run(['webhook', 'trigger', 'slack', 'message'])).toMatchObject({
      ...{ code: 2, stdout: '' },
      stderr: expect.stringContaining('LWI_SLACK_WEBHOOK_SECRET'),
    });
  });
});
