import { describe, expect, test } from 'vitest';
import { documentOf, failureOf, inThisProcess, openScenario } from '../support/scenario.ts';

const COMPANY = '/companyinfo/9130000000000001';

interface Limit {
  readonly name: string;
  readonly used: number;
  readonly free: number;
  readonly holdMs: number;
  readonly said?: { readonly limit: number; readonly remaining: number };
}

interface Entry {
  readonly limits: readonly Limit[];
  readonly circuits: readonly { readonly scope: string; readonly state: string; readonly nextTryInMs: number }[];
}

async function connected(config: object = {}) {
  const lwi = inThisProcess(await openScenario({ records: 3 }));
  lwi.config(config);
  await lwi.connected(['quickbooks']);
  const entry = async (): Promise<Entry> => {
    const [first] = documentOf(await lwi.run(['limits', 'quickbooks', '--json'])) as Entry[];
    if (!first) throw new Error('there is no entry');
    return first;
  };
  const limit = async (name: string) => (await entry()).limits.find((each) => each.name === name);
  return { lwi, entry, limit, api: () => lwi.run(['api', 'quickbooks', COMPANY, '--json']) };
}

describe('lwi limits', () => {
  test('shows what each limit allows, what is used and what is free, and status the tightest of them', async () => {
    const { lwi, limit, api } = await connected();
    const before = (await limit('minute'))?.used ?? 0;
    await api();
    expect(await limit('minute')).toMatchObject({ permits: 500, perMs: 60_000, used: before + 1, free: 499 - before });
    expect(await limit('batch')).toMatchObject({ permits: 40, used: 0, free: 40 });
    const [status] = documentOf(await lwi.run(['status', '--json'])) as { rateLeft: { left: number; of: number } }[];
    expect(status?.rateLeft).toMatchObject({ limit: 'minute', of: 500, nextInMs: 0 });
    expect(status?.rateLeft.left).toBeGreaterThan((status?.rateLeft.of ?? 0) / 2);
    const { stdout } = await lwi.run(['limits']);
    expect(stdout).toMatch(/^PROVIDER +ACCOUNT +LIMIT +ALLOWS +USED +FREE\n(quickbooks +default .*\n){3}$/);
  });

  test('the share of the config is what lwi uses', async () => {
    const { limit, api } = await connected({ limits: { quickbooks: { share: 0.5 } } });
    await api();
    expect([(await limit('minute'))?.free, (await limit('batch'))?.free]).toEqual([expect.any(Number), 20]);
    expect(await limit('second')).toMatchObject({ permits: 5 });
  });

  test('shows what the provider’s headers last said', async () => {
    const { lwi, limit, api } = await connected();
    await lwi.control('faults?fault=headers=github:quickbooks/v3');
    await api();
    const { said } = (await limit('minute')) ?? {};
    expect(said?.remaining).toBeLessThan(said?.limit ?? 0);
  });

  test('shows an open circuit with the time of its next try, and --reset closes it', async () => {
    const { lwi, entry, api } = await connected({ retry: { baseDelayMs: 1 } });
    await lwi.control('faults?fault=500:quickbooks/v3');
    expect(failureOf(await api()).error).toMatchObject({ code: 'SERVER_ERROR' });
    expect(failureOf(await api())).toMatchObject({ exit: 5, error: { code: 'CIRCUIT_OPEN' } });
    const [circuit] = (await entry()).circuits;
    expect(circuit).toMatchObject({ scope: expect.stringMatching(/^quickbooks\/127\.0\.0\.1:\d+$/), state: 'open' });
    expect(circuit?.nextTryInMs).toBeGreaterThan(0);
    expect((await lwi.run(['limits'])).stdout).toMatch(
      /^circuit quickbooks\/\S+: open after \d+ failures, next try in/m,
    );
    await lwi.control('faults');
    expect((await lwi.run(['limits', '--reset'])).stderr).toBe(
      'default/quickbooks: 1 circuit closed, 0 holds lifted\n',
    );
    expect((await api()).code).toBe(0);
  });

  test('what the provider asks for in a 429 holds every process, until its time or --reset', async () => {
    const { lwi, limit, api } = await connected();
    await lwi.control(`faults?fault=${encodeURIComponent('429;retry-after=3600:quickbooks/v3:#1')}`);
    expect(failureOf(await api()).error).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 3_600_000 });
    const before = await lwi.requests();
    const held = failureOf(await api());
    expect(held).toMatchObject({ exit: 5, error: { code: 'RATE_LIMITED', retryable: true } });
    expect(held.error['retryAfterMs']).toBeGreaterThan(3_500_000);
    expect(await lwi.requests()).toEqual(before);
    expect((await limit('minute'))?.holdMs).toBeGreaterThan(3_500_000);
    expect((await lwi.run(['limits', 'quickbooks', '--reset'])).stderr).toContain('2 holds lifted');
    expect((await api()).code).toBe(0);
  });

  test('a header that makes no sense is passed over, and -v says so', async () => {
    const { lwi } = await connected({ timeouts: { callMs: 5000 } });
    await lwi.control(`faults?fault=${encodeURIComponent('429;retry-after=soon:quickbooks/v3:#1')}`);
    const ran = await lwi.run(['api', 'quickbooks', COMPANY, '-v', '--json']);
    expect(ran.stderr).toContain('http quickbooks: retry-after is ignored: ');
    // QuickBooks' own rule takes its place.
    expect(failureOf(ran).error).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 60_000 });
  });

  test('says so where nothing is connected', async () => {
    const lwi = inThisProcess(await openScenario());
    expect(await lwi.run(['limits'])).toMatchObject({ code: 0, stdout: '' });
    expect(failureOf(await lwi.run(['limits', 'quickbooks', '--json']))).toMatchObject({ exit: 3 });
  });
});
