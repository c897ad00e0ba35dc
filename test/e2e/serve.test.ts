import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { occupyPort } from '../support/free-port.ts';
import { openTokens, shownIn } from '../support/planted.ts';
import { failureOf, openScenario, type Scenario } from '../support/scenario.ts';
import { type Serving, startServe, statusUnder, WEBHOOK_SECRETS } from '../support/serving.ts';
import { dueNow, lapseClaims } from '../support/shared-jobs.ts';
import { postEvent, quickbooksEvent } from '../support/signed-event.ts';
import { queryStore } from '../support/store-file.ts';
import { databaseOf, ON_POSTGRES } from '../support/store-place.ts';

const updatedAt = (lwi: Scenario, id: string, entity = 'invoices') =>
  queryStore<{ updated_at: number; deleted: number }>(
    ...([lwi.home, 'SELECT updated_at, deleted FROM records WHERE entity = ? AND id = ?', entity, id] as const),
  )[0];

const cursors = (lwi: Scenario) =>
  queryStore(lwi.home, 'SELECT account_id, entity, watermark, resume FROM sync_cursors ORDER BY 1, 2');

const inbox = (lwi: Scenario) =>
  queryStore<{ state: string; account_id: string; last_error: string | null }>(
    lwi.home,
    'SELECT account_id, state, last_error FROM inbox ORDER BY event',
  );

/**
 * The next poll of each of them. On PostgreSQL, where polls are scheduled once for all, it is one poll, at its time, and any of them does it; so that tests need not
 * wait, it is `due` now.
 */
async function polled(
  lwi: Scenario,
  serves: readonly Serving[],
  { due = true, ...like }: { readonly due?: boolean; readonly outcome?: string } = {},
): Promise<Record<string, unknown>[]> {
  const url = databaseOf(lwi.home);
  if (url !== undefined && due) await dueNow(url);
  const lines = serves.map((serve) => serve.line('poll', like));
  return url === undefined ? Promise.all(lines) : [await Promise.any(lines)];
}

async function connected(records = 10): Promise<Scenario> {
  const lwi = await openScenario({ records });
  await lwi.connected(['quickbooks']);
  return lwi;
}

describe('lwi serve', () => {
  test('polls at once; then a webhook brings the record that it names, once, and moves no cursor', async () => {
    const lwi = await connected();
    const serve = await startServe(lwi);
    expect(await serve.line('poll')).toMatchObject({ provider: 'quickbooks', account: 'default', outcome: 'done' });
    const before = { cursors: cursors(lwi), invoice: updatedAt(lwi, '7') };
    await lwi.control('quickbooks/touch?stream=invoices&id=7');
    expect(await serve.deliver('quickbooks', 'event=invoice.updated&id=7&times=3')).toEqual([200, 200, 200]);
    expect(await serve.line('event')).toMatchObject({
      eventType: 'qbo.invoice.updated.v1',
      outcome: 'applied',
      attempt: 1,
    });
    expect(updatedAt(lwi, '7')?.updated_at).toBeGreaterThan(before.invoice?.updated_at ?? Number.NaN);
    expect(cursors(lwi)).toEqual(before.cursors);
    expect(inbox(lwi)).toMatchObject([{ state: 'applied' }]);
    expect(queryStore(lwi.home, 'SELECT kind, outcome, upserted FROM sync_runs ORDER BY run')).toMatchObject([
      { kind: 'poll', outcome: 'done' },
      { kind: 'event', outcome: 'done', upserted: 1 },
    ]);
  });

  test('a deletion leaves a tombstone, and so does a record that the provider no longer has', async () => {
    const lwi = await connected();
    const serve = await startServe(lwi);
    await serve.line('poll');
    await lwi.control('quickbooks/delete?stream=invoices&id=3&id=4');
    await serve.deliver('quickbooks', 'event=invoice.deleted&id=3');
    await serve.deliver('quickbooks', 'event=invoice.updated&id=4');
    await expect.poll(() => inbox(lwi).map(({ state }) => state)).toEqual(['applied', 'applied']);
    expect([updatedAt(lwi, '3')?.deleted, updatedAt(lwi, '4')?.deleted]).toEqual([1, 2]);
  });

  test('takes nothing that is forged, too large, unreadable or for nobody, and says why in JSON', async () => {
    const lwi = await connected(1);
    const serve = await startServe(lwi, ['quickbooks', 'mycarrierpackets']);
    const posted = async (path: string, body: string, headers: Record<string, string> = {}) => {
      const answer = await fetch(`${serve.url}${path}`, { method: 'POST', body, headers });
      expect(answer.headers.get('content-type')).toBe('application/json');
      return [answer.status, ((await answer.json()) as { error: string }).error];
    };
    const forged = { 'intuit-signature': Buffer.alloc(32).toString('base64') };
    expect(await posted('/webhooks/quickbooks', '[]', forged)).toEqual([401, 'unverified']);
    expect(await posted('/webhooks/quickbooks', '[]')).toEqual([401, 'unverified']);
    expect(await posted('/webhooks/quickbooks', 'x'.repeat(1024 * 1024 + 1), forged)).toEqual([413, 'too-large']);
    expect(await posted('/webhooks/slack', '{}')).toEqual([404, 'unknown-provider']);
    expect(await posted('/webhooks/__proto__', '{}')).toEqual([404, 'unknown-provider']);
    expect(await posted('/webhooks/quickbooks/%E0%A4%A', '{}')).toEqual([404, 'not-found']);
    expect((await fetch(`${serve.url}/webhooks/quickbooks`)).status).toBe(405);
    expect(inbox(lwi)).toEqual([]);
    expect(await serve.deliver('quickbooks', 'tenant=999&times=2')).toEqual([200, 200]);
    expect(await serve.deliver('quickbooks/nobody', '')).toEqual([200]);
    expect(inbox(lwi)).toMatchObject([
      { account_id: '', state: 'failed', last_error: expect.stringContaining('999') },
      { account_id: 'nobody', state: 'failed', last_error: 'the account has no connection' },
    ]);
  });

  test("each tenant's events go to its own connection, also when one delivery speaks of several companies", async () => {
    const lwi = await openScenario({ records: 2 });
    await lwi.connected(['quickbooks', '-a', 'acme']);
    await lwi.connected(['quickbooks', '-a', 'other'], { company: 1 });
    const serve = await startServe(lwi);
    await Promise.all(['acme', 'other'].map((account) => serve.line('poll', { account })));
    await serve.deliver('quickbooks', 'tenant=9130000000000002&id=1');
    expect(await serve.line('event')).toMatchObject({ account: 'other', outcome: 'applied' });
    expect(inbox(lwi)).toMatchObject([{ account_id: 'other' }]);
    const realms = ['9130000000000001', '9130000000000002', '77'];
    expect((await postEvent(`${serve.url}/webhooks/quickbooks`, quickbooksEvent(realms))).status).toBe(200);
    expect(inbox(lwi).slice(1)).toMatchObject([
      { account_id: 'acme' },
      { account_id: 'other' },
      { account_id: '', state: 'failed', last_error: 'there is no connection to company 77' },
    ]);
    await expect.poll(() => inbox(lwi).filter(({ state }) => state === 'applied').length).toBe(3);
  });

  test('with an account it polls and receives for that one alone', async () => {
    const lwi = await openScenario({ records: 2 });
    await lwi.connected(['quickbooks', '-a', 'north']);
    await lwi.connected(['quickbooks', '-a', 'south'], { company: 1 });
    const serve = await startServe(lwi, ['-a', 'south']);
    await serve.line('poll', { account: 'south' });
    await serve.deliver('quickbooks', 'tenant=9130000000000001&id=1');
    await serve.deliver('quickbooks/north', 'tenant=9130000000000001&id=1');
    expect(inbox(lwi)).toMatchObject([
      { account_id: '', state: 'failed' },
      { account_id: 'north', state: 'failed' },
    ]);
    const health = (await (await fetch(`${serve.url}/healthz`)).json()) as { polls: { account: string }[] };
    expect(health.polls.map(({ account }) => account)).toEqual(['south']);
    expect(queryStore(lwi.home, 'SELECT DISTINCT account_id FROM sync_runs')).toEqual([{ account_id: 'south' }]);
  });

  test("a secret in one account's vault vouches for that account alone", async () => {
    const lwi = await openScenario({ records: 2 });
    await lwi.connected(['quickbooks', '-a', 'acme']);
    await lwi.connected(['quickbooks', '-a', 'other'], { company: 1 });
    const stdin = WEBHOOK_SECRETS.LWI_QUICKBOOKS_WEBHOOK_SECRET;
    await lwi.json(['secret', 'set', 'quickbooks', 'webhook-secret', '-a', 'other'], { stdin });
    const serve = await startServe(lwi, [], {});
    expect(await serve.deliver('quickbooks', 'tenant=9130000000000001&id=1')).toEqual([200]);
    expect(await serve.deliver('quickbooks', 'tenant=9130000000000002&id=1')).toEqual([200]);
    expect(await serve.deliver('quickbooks/acme', 'tenant=9130000000000001&id=1')).toEqual([401]);
    expect(inbox(lwi).map(({ account_id }) => account_id)).toEqual(['', 'other']);
    // A secret that is set while it runs counts without a restart.
    await lwi.json(['secret', 'set', 'quickbooks', 'webhook-secret', '-a', 'acme'], { stdin });
    expect(await serve.deliver('quickbooks/acme', 'tenant=9130000000000001&id=2')).toEqual([200]);
  });

  test('Slack gets its challenge back, and its certificate check answered', async () => {
    const lwi = await openScenario({ records: 3 });
    await lwi.connected(['slack']);
    const serve = await startServe(lwi);
    await serve.line('poll');
    const form = new URLSearchParams({ ssl_check: '1', token: 'x' });
    const checked = await fetch(`${serve.url}/webhooks/slack`, { method: 'POST', body: form });
    expect([checked.status, await checked.json()]).toEqual([200, { ok: true }]);
    expect(await serve.deliver('slack', 'event=url_verification')).toEqual([200]);
    expect(inbox(lwi)).toEqual([]);
    await serve.deliver('slack', 'event=app_rate_limited');
    await serve.line('event', { eventType: 'app_rate_limited', outcome: 'applied' });
  });

  test('people read one line for each poll, event and refusal, with the time to the second as listen has it', async () => {
    const lwi = await connected();
    const serve = lwi.start(['serve', 'quickbooks', '--port', '0'], { env: WEBHOOK_SECRETS });
    const [, url = ''] = await serve.said(/^receiving webhooks at (http:\S+)\/webhooks\/<provider>$/m);
    const time = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ';
    await serve.said(new RegExp(`^${time} poll default/quickbooks: .* changed, .*; next in 1\\dm`, 'm'));
    const event = quickbooksEvent(['9130000000000001']);
    expect((await postEvent(`${url}/webhooks/quickbooks`, event)).status).toBe(200);
    await serve.said(new RegExp(`^${time} event default/quickbooks \\S+: applied$`, 'm'));
    expect((await postEvent(`${url}/webhooks/quickbooks`, { ...event, body: '{}' })).status).toBe(401);
    await serve.said(new RegExp(`${time} delivery quickbooks: refused, it does not verify`));
    serve.child.kill('SIGTERM');
    expect((await serve.ended).code).toBe(143);
  });

  test('what was accepted and not applied when it was killed is applied after the restart', async () => {
    const lwi = await connected();
    const first = await startServe(lwi);
    await first.line('poll');
    await lwi.control('quickbooks/touch?stream=invoices&id=5');
    await lwi.control('faults?fault=hang:quickbooks/query');
    expect(await first.deliver('quickbooks', 'id=5')).toEqual([200]);
    await expect.poll(() => queryStore(lwi.home, "SELECT run FROM sync_runs WHERE kind = 'event'").length).toBe(1);
    expect(inbox(lwi)).toMatchObject([{ state: 'received' }]);
    first.child.kill('SIGKILL');
    await first.ended;
    const url = databaseOf(lwi.home);
    if (url !== undefined) lapseClaims(url);
    const before = updatedAt(lwi, '5')?.updated_at ?? Number.NaN;
    // The poll must not be what brings it.
    await lwi.control('faults?fault=500:quickbooks/cdc');
    const second = await startServe(lwi);
    expect(await second.line('event')).toMatchObject({ outcome: 'applied' });
    expect(updatedAt(lwi, '5')?.updated_at).toBeGreaterThan(before);
    expect(await second.deliver('quickbooks', 'id=6')).toEqual([200]);
  });

  test('the poll closes the gap that a lost webhook leaves', async () => {
    const lwi = await connected();
    const first = await startServe(lwi);
    await first.line('poll');
    first.child.kill('SIGINT');
    await first.ended;
    const before = updatedAt(lwi, '2')?.updated_at ?? Number.NaN;
    await lwi.control('quickbooks/touch?stream=invoices&id=2');
    expect(await first.deliver('quickbooks', 'id=2')).toEqual([0]);
    await polled(lwi, [await startServe(lwi)]);
    expect(updatedAt(lwi, '2')?.updated_at).toBeGreaterThan(before);
    expect(inbox(lwi)).toEqual([]);
  });

  test('of two on one home both receive, each event is new once, and when one dies the other goes on with its work', async () => {
    const lwi = await connected(2);
    const [one, two] = [await startServe(lwi), await startServe(lwi)];
    await polled(lwi, [one, two], { due: false });
    const event = quickbooksEvent(['9130000000000001']);
    const answers = await Promise.all([one, two].map(({ url }) => postEvent(`${url}/webhooks/quickbooks`, event)));
    expect(answers.filter(({ json }) => json['duplicate'])).toHaveLength(1);
    await expect.poll(() => inbox(lwi).map(({ state }) => state)).toEqual(['applied']);
    expect(queryStore(lwi.home, "SELECT run FROM sync_runs WHERE kind = 'event'")).toHaveLength(1);
    if (ON_POSTGRES) expect(queryStore(lwi.home, "SELECT run FROM sync_runs WHERE kind = 'poll'")).toHaveLength(1);
    one.child.kill('SIGKILL');
    await one.ended;
    const url = databaseOf(lwi.home);
    if (url !== undefined) lapseClaims(url);
    await two.deliver('quickbooks', 'event=customer.updated&id=2');
    await expect.poll(() => inbox(lwi).map(({ state }) => state), { timeout: 10_000 }).toEqual(['applied', 'applied']);
  });

  test('SIGTERM ends it with code 143, also while a request hangs; what was accepted stays', async () => {
    const lwi = await connected(2);
    const serve = await startServe(lwi);
    await serve.line('poll');
    await lwi.control('faults?fault=hang:quickbooks/query');
    await serve.deliver('quickbooks', 'id=1');
    const stoppedAt = systemClock.now();
    serve.child.kill('SIGTERM');
    expect(failureOf(await serve.ended)).toMatchObject({ exit: 143, error: { code: 'TERMINATED' } });
    expect(systemClock.now() - stoppedAt).toBeLessThan(1500);
    expect(inbox(lwi)).toMatchObject([{ state: 'received' }]);
    await expect(fetch(serve.url)).rejects.toThrow();
  });

  test('health is 503 with its reason when a connection is lost; both pages are for this machine only', async () => {
    const lwi = await connected(2);
    const good = await startServe(lwi);
    await good.line('poll');
    const health = async ({ url }: { url: string }) => {
      const answer = await fetch(`${url}/healthz`);
      return { code: answer.status, ...((await answer.json()) as { reasons: string[] }) };
    };
    expect(await health(good)).toMatchObject({
      code: 200,
      status: 'ok',
      reasons: [],
      events: { waiting: 0, failed: 0 },
    });
    for (const path of ['/healthz', '/metrics']) {
      expect(await statusUnder('rebound.example', good.url + path)).toBe(403);
      expect(await statusUnder('localhost:1', good.url + path)).toBe(200);
    }
    // Deliveries come under the name of a tunnel.
    expect(await statusUnder('hooks.example', `${good.url}/webhooks/quickbooks`)).toBe(405);
    await lwi.control('revoke?provider=quickbooks');
    const bad = await startServe(lwi);
    // On PostgreSQL either may find it out, and both know.
    const [failed] = await polled(lwi, ON_POSTGRES ? [good, bad] : [bad], { outcome: 'failed' });
    expect(failed).toMatchObject({ error: { code: 'RECONNECT_REQUIRED' } });
    const reason = 'default/quickbooks: RECONNECT_REQUIRED';
    expect(await health(bad)).toMatchObject({ code: 503, status: 'degraded', reasons: [reason] });
    expect(await bad.deliver('quickbooks', 'id=1')).toEqual([200]);
    expect(await Promise.any([good, bad].map((serve) => serve.line('event')))).toMatchObject({
      outcome: 'failed',
      error: { code: 'RECONNECT_REQUIRED' },
    });
    expect(await lwi.json(['status'])).toMatchObject([{ waitingWebhooks: 0, failedWebhooks: 1 }]);
  });

  test('metrics are what Prometheus reads, and name no secret and nothing of a body', async () => {
    const lwi = await connected(2);
    const serve = await startServe(lwi, ['-v', '-v']);
    await serve.line('poll');
    await serve.deliver('quickbooks', 'id=1');
    await serve.line('event');
    const answer = await fetch(`${serve.url}/metrics`);
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const text = await answer.text();
    expect(text).toMatch(/^lwi_webhook_deliveries_total\{provider="quickbooks",outcome="accepted"\} 1$/m);
    expect(text).toMatch(/^lwi_webhook_events_total\{provider="quickbooks",outcome="applied"\} 1$/m);
    expect(text).toMatch(
      /^lwi_last_successful_poll_timestamp_seconds\{provider="quickbooks",account="default"\} \d{10}/m,
    );
    expect(text).toMatch(/^lwi_cursor_age_seconds\{.*entity="invoices"\} \d/m);
    expect(text.split('\n').filter((line) => !/^(# (HELP|TYPE) \S+ .+|\w+(\{[^}]*\})? \S+|)$/.test(line))).toEqual([]);
    serve.child.kill('SIGINT');
    const { code, stdout, stderr } = await serve.ended;
    expect(code).toBe(130);
    expect(stderr).toContain('event invoices GET');
    const tokens = Object.entries(await openTokens(lwi.home, lwi.key));
    const planted = { ...WEBHOOK_SECRETS, key: lwi.key, ...Object.fromEntries(tokens) };
    expect([tokens.length, shownIn(Buffer.from(stdout + stderr + text), planted)]).toEqual([2, []]);
  });

  test.each([
    ['an interval that is too short', ['--interval', '9s'], 'USAGE'],
    ['a port that is none', ['--port', 'http'], 'USAGE'],
    ['an unknown provider', ['quickboks'], 'PROVIDER_UNKNOWN'],
    ['an address that is not of this machine', ['--host', '203.0.113.7'], 'USAGE'],
  ])('%s is code 2', async (_, words, code) => {
    const lwi = await openScenario();
    expect(failureOf(await lwi.run(['serve', '--json', ...words]))).toMatchObject({
      exit: 2,
      stdout: '',
      error: { code },
    });
  });

  test('a port in use is code 2', async () => {
    const lwi = await openScenario();
    const { port, server } = await occupyPort();
    const failure = failureOf(await lwi.run(['serve', '--json', '--port', String(port)]));
    server.close();
    expect(failure).toMatchObject({ exit: 2, stdout: '', error: { code: 'PORT_IN_USE' } });
  });
});
