import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { failureOf, openScenario } from '../support/scenario.ts';

describe('input that must not pass for something else', () => {
  test('a directory without files verifies nothing: code 2', async () => {
    const lwi = await openScenario();
    mkdirSync(join(lwi.cwd, 'empty'));
    const { exit, error } = failureOf(await lwi.run(['webhook', 'verify', 'slack', 'empty', '--json']));
    expect([exit, error['code']]).toEqual([2, 'INPUT_INVALID']);
  });

  test.each(['Authorization: Bearer x', 'Host: elsewhere.example'])(
    'api -H %s is refused, not passed over',
    async (header) => {
      const lwi = await openScenario();
      await lwi.connected(['quickbooks']);
      const { exit, error } = failureOf(await lwi.run(['api', 'quickbooks', '/x', '-H', header, '--json']));
      expect([exit, error['code']]).toEqual([2, 'USAGE']);
    },
  );

  test('status and token list heed the environment that was asked for', async () => {
    const lwi = await openScenario();
    await lwi.connected(['quickbooks']);
    for (const words of [['status'], ['token', 'list']]) {
      expect(await lwi.json([...words, '--env', 'mock'])).toHaveLength(1);
      expect(await lwi.json([...words, '--env', 'sandbox'])).toEqual([]);
      expect((await lwi.run(words, { env: { LWI_ENV: 'moon' } })).code).toBe(2);
    }
  });

  test('a home that is a file is no empty home: code 7', async () => {
    const lwi = await openScenario();
    const file = lwi.write('a-file', 'text');
    const { exit, error } = failureOf(await lwi.run(['status', '--home', file, '--json']));
    expect([exit, error['code']]).toEqual([7, 'STORE_READONLY']);
  });

  test('an input that is a pipe nobody opens ends on SIGTERM, and soon', async () => {
    const lwi = await openScenario();
    execFileSync('mkfifo', [join(lwi.cwd, 'pipe')]);
    const running = lwi.start(['webhook', 'verify', '--scheme', 'github', 'pipe'], {
      env: { LWI_WEBHOOK_SECRET: 'x' },
    });
    const stop = setInterval(() => running.child.kill('SIGTERM'), 700);
    const { code } = await running.ended;
    clearInterval(stop);
    expect(code).toBe(143);
  });
});
