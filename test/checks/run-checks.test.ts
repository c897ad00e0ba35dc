import { describe, expect, it } from 'vitest';
import { type Check, type CheckResult, fail, pass, skip } from '../../src/checks/check.ts';
import { type RunChecksOptions, runChecks } from '../../src/checks/run-checks.ts';
import { deadlineSignal } from '../../src/clock.ts';
import { LwiError } from '../../src/errors.ts';

let now = 0;
const clock = { now: () => now };

async function all(checks: readonly Check[], options: Partial<RunChecksOptions> = {}): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for await (const result of runChecks(checks, {
    ...{ clock, signal: new AbortController().signal, deadlineMs: 60_000 },
    ...options,
  }))
    results.push(result);
  return results;
}

const never = () => new Promise<never>(() => {});

describe('checks', () => {
  it('run in their order, each with its time', async () => {
    const results = await all([
      {
        name: 'a',
        run: async () => {
          now += 5;
          return pass('seen');
        },
      },
      { name: 'b', subject: 'x', group: 'G', run: async () => skip('does not apply') },
      { name: 'c', run: async () => fail('wrong', 'Run `lwi status`.', 'KEY_WRONG') },
    ]);
    expect(results).toEqual([
      { name: 'a', subject: undefined, group: undefined, outcome: 'pass', evidence: 'seen', durationMs: 5 },
      { name: 'b', subject: 'x', group: 'G', outcome: 'skip', reason: 'does not apply', durationMs: 0 },
      {
        ...{ name: 'c', subject: undefined, group: undefined, outcome: 'fail', reason: 'wrong' },
        ...{ next: 'Run `lwi status`.', code: 'KEY_WRONG', durationMs: 0 },
      },
    ]);
  });

  it('say nothing that steers a terminal, fills several lines or is a credential', async () => {
    const hostile = 'a\u001b[2Jb\nnext: xoxb-12345678-abcdefgh, Bearer abcdefgh12345678';
    const results = await all([
      { name: 'a', run: async () => pass(hostile) },
      { name: 'b', run: async () => skip(hostile) },
      { name: 'c', run: async () => fail(hostile, hostile) },
    ]);
    const said = 'a[2Jb next: [redacted], [redacted]';
    expect(results).toMatchObject([{ evidence: said }, { reason: said }, { reason: said, next: said }]);
  });

  it('that throw an error of lwi fail with its code and hint; anything else is a defect', async () => {
    const [result] = await all([
      { name: 'a', run: () => Promise.reject(new LwiError('NOT_CONNECTED', 'Nothing there.', { provider: 'acme' })) },
    ]);
    expect(result).toMatchObject({
      ...{ outcome: 'fail', reason: 'Nothing there.', code: 'NOT_CONNECTED', next: 'Run `lwi connect acme`.' },
    });
    await expect(all([{ name: 'a', run: () => Promise.reject(new TypeError('oops')) }])).rejects.toThrow('oops');
  });

  it('that need one which did not pass are skipped, of the same subject or of none', async () => {
    const ran: string[] = [];
    const check = (name: string, subject: string | undefined, needs: string[], outcome = pass('')): Check => ({
      ...{ name, subject, needs },
      run: async () => {
        ran.push(name);
        return outcome;
      },
    });
    const results = await all([
      check('key', undefined, [], fail('wrong', 'x')),
      check('token', 'a', ['key']),
      check('probe', 'a', ['token']),
      check('other', 'b', ['token']),
    ]);
    expect(results.map(({ outcome }) => outcome)).toEqual(['fail', 'skip', 'skip', 'pass']);
    expect(results[1]).toMatchObject({ reason: 'key did not pass' });
    expect(ran).toEqual(['key', 'other']);
  });

  it('end with the time of all: the one under way fails, though it does not listen, and the rest are skipped', async () => {
    const results = await all(
      [
        { name: 'deaf', run: never },
        { name: 'after', run: async () => pass('') },
      ],
      { deadlineMs: 20 },
    );
    expect(results).toMatchObject([
      { name: 'deaf', outcome: 'fail', code: 'TIMEOUT' },
      { name: 'after', outcome: 'skip', reason: 'the 20ms for all checks were over', code: 'TIMEOUT' },
    ]);
  });

  it('that block the process until the time is over keep what they found, and none behind them is blamed', async () => {
    const block = async () => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30);
      now += 30;
      return pass('whole');
    };
    const results = await all(
      [
        { name: 'blocking', run: block },
        { name: 'after', run: async () => pass('') },
        { name: 'next', run: never },
      ],
      { deadlineMs: 20 },
    );
    expect(results).toMatchObject([
      { name: 'blocking', outcome: 'pass', evidence: 'whole; it took 30ms' },
      { name: 'after', outcome: 'skip', code: 'TIMEOUT' },
      { name: 'next', outcome: 'skip', code: 'TIMEOUT' },
    ]);
  });

  it('begin with what is left of a time that runs already', async () => {
    const { signal } = new AbortController();
    const limit = deadlineSignal(20, signal);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30);
    const results = await all([{ name: 'late', run: never }], { deadlineMs: 20, limit });
    limit.done();
    expect(results).toMatchObject([{ outcome: 'skip', reason: 'the 20ms for all checks were over' }]);
  });

  it('are stopped by their caller', async () => {
    const stop = new AbortController();
    const work = all([{ name: 'deaf', run: never }], { signal: stop.signal });
    stop.abort(new LwiError('INTERRUPTED', 'Stopped by SIGINT.'));
    await expect(work).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });
});
