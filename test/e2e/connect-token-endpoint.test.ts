import { describe, expect, test } from 'vitest';
import { approve } from '../../src/mock/approve.ts';
import { type Answer, oddServer } from '../support/odd-server.ts';
import { failureOf, openScenario, sandboxed, visit } from '../support/scenario.ts';
import { integrity, queryStore } from '../support/store-file.ts';

const CASES: readonly [name: string, answer: Answer, code: string][] = [
  ['HTML with status 200', { html: '<h1>Sign in to the WiFi</h1>' }, 'BAD_RESPONSE'],
  ['HTML with status 404', { status: 404, html: '<h1>Not found</h1>' }, 'BAD_RESPONSE'],
  ['HTML of a gateway', { status: 502, html: '<h1>Bad gateway</h1>' }, 'SERVER_ERROR'],
  ['500', { status: 500, json: { error: 'server_error' } }, 'SERVER_ERROR'],
  ['nothing: the connection is cut', 'cut', 'NETWORK'],
  ['no access token', { json: { token_type: 'bearer' } }, 'BAD_RESPONSE'],
  ['a redirect', { status: 307, headers: { location: 'http://127.0.0.1:1/token' } }, 'BAD_RESPONSE'],
  ['429 for longer than anybody waits', { status: 429, headers: { 'retry-after': '900' } }, 'RATE_LIMITED'],
];

describe('when the token endpoint answers', () => {
  test.each(CASES)('%s: code 5, nothing stored, the code not sent twice', async (_, answer, code) => {
    const odd = await oddServer(() => answer);
    const lwi = await openScenario();
    const env = sandboxed(lwi, { tokenEndpoint: `${odd.url}/token` });
    const ran = await lwi.connect(['quickbooks', '--json'], { env });
    expect(failureOf(ran)).toMatchObject({
      exit: 5,
      stdout: '',
      error: { code, provider: 'quickbooks', retryable: true },
    });
    expect(ran.page).toContain('Not connected');
    expect(odd.received).toHaveLength(1);
    expect(await lwi.json(['status'])).toEqual([]);
    expect(integrity(lwi.home)).toBe('ok');
  });

  test('never, then Ctrl-C: code 130, nothing stored, and the next try connects', async () => {
    const odd = await oddServer(() => 'hang');
    const lwi = await openScenario();
    const env = sandboxed(lwi, { tokenEndpoint: `${odd.url}/token` });
    const running = await lwi.startConnect(['quickbooks', '--json'], { env });
    const page = visit(await approve(running.address)).catch(() => 'cut');
    await expect.poll(() => odd.received.length).toBe(1);
    running.child.kill('SIGINT');
    expect(failureOf(await running.ended)).toMatchObject({ exit: 130, stdout: '', error: { code: 'INTERRUPTED' } });
    await page;
    expect(queryStore(lwi.home, 'SELECT * FROM oauth_tokens')).toEqual([]);
    sandboxed(lwi);
    expect((await lwi.connect(['quickbooks'], { env })).code).toBe(0);
  });
});
