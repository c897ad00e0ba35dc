import { describe, expect, test } from 'vitest';
import { checkDeadline } from '../../commands/shared/check-deadline.ts';
import { exitCodeOf, linesOf, reportChecks } from '../../commands/shared/check-report.ts';
import type { CheckResult } from '../../src/checks/check.ts';
import { systemClock } from '../../src/clock.ts';
import { openTerminal } from '../../src/terminal.ts';

const plain = (text: string) => text;
const style = { good: plain, warn: plain, bad: plain, dim: plain, bold: plain };
const failed: CheckResult = {
  ...{ name: 'disk', outcome: 'fail', durationMs: 1 },
  ...{ reason: 'there is hardly any room left on it', next: 'Free space, or choose another place with --home.' },
};

describe('a line of a check', () => {
  test('is broken between words on a terminal, with what to do below', () => {
    expect(linesOf(failed, { widest: 8, width: 50, style })).toEqual([
      'fail  disk      there is hardly any room left on',
      '                it',
      '                next: Free space, or choose',
      '                another place with --home.',
    ]);
  });

  test('stands alone where nobody but a program reads it', () => {
    expect(linesOf(failed, { widest: 8, width: Number.POSITIVE_INFINITY, style })).toEqual([
      'fail  disk      there is hardly any room left on it  next: Free space, or choose another place with --home.',
    ]);
  });
});

/** What is written to stdout for these results. */
async function shown(results: readonly CheckResult[], { json = false, env = {} } = {}) {
  const written: string[] = [];
  const stdout = { isTTY: false, write: (text: string | Uint8Array) => written.push(String(text)) };
  const terminal = await openTerminal({
    ...{ stdout, stderr: stdout, environment: env, json, quiet: false, color: false },
  });
  async function* each() {
    yield* results;
  }
  const report = await reportChecks({ terminal, clock: systemClock, host: { env } }, each(), { widest: 5 });
  return { report, text: written.join('') };
}

describe('in a log of GitHub Actions', () => {
  const env = { GITHUB_ACTIONS: 'true' };
  const hostile: CheckResult[] = [
    {
      ...{ name: 'a', group: ' ::stop-commands::x', outcome: 'pass', durationMs: 1 },
      evidence: '##[add-mask]e and ###[error]x, ::error ::y',
    },
  ];

  test('nothing that a check quotes is a command', async () => {
    const { text } = await shown(hostile, { env });
    // As the runner reads a line: `::` after blanks, `##[` anywhere.
    expect(text.split('\n').filter((line) => line.trimStart().startsWith('::') || line.includes('##['))).toEqual([]);
    expect(text).toContain(' : :stop-commands::x\npass  a      ## [add-mask]e and ### [error]x, ::error ::y\n');
  });

  test('a document says the same to whoever reads it', async () => {
    const { text } = await shown(hostile, { env, json: true });
    expect(text).not.toContain('##[');
    expect(JSON.parse(text)).toMatchObject({ checks: [{ evidence: '##[add-mask]e and ###[error]x, ::error ::y' }] });
  });

  test('and anywhere else everything stands as it is', async () => {
    expect((await shown(hostile)).text).toContain('pass  a      ##[add-mask]e');
  });
});

test('what nobody looked at, because the time was over, is no success', async () => {
  const skipped = { name: 'api', outcome: 'skip', reason: 'x', durationMs: 0 } as const;
  expect(exitCodeOf((await shown([skipped])).report)).toBeUndefined();
  expect(exitCodeOf((await shown([{ ...skipped, code: 'TIMEOUT' }])).report)).toBe(8);
});

test('the time for all checks is a span above 0', () => {
  expect([checkDeadline('30s'), checkDeadline('1ms')]).toEqual([30_000, 1]);
  for (const text of ['0s', '0.0004s', '-1s', '5', ''])
    expect(() => checkDeadline(text)).toThrow(/^--timeout takes a span /);
});
