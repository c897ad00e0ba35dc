import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { annotation, summary } from '../../commands/smoke/github.ts';
import { junitXml } from '../../commands/smoke/junit.ts';
import type { SmokeReport, SmokeResult } from '../../commands/smoke/smoke-report.ts';
import { readXml } from '../support/xml.ts';

const report = (checks: SmokeResult[]): SmokeReport => ({
  ...{ passed: 0, failed: checks.length, skipped: 0, startedAt: '2026-01-05T12:00:00.500Z', durationMs: 1234, checks },
});
const failed = (reason: string, next = 'Run `lwi status`.') =>
  ({
    name: 'api',
    outcome: 'fail',
    reason,
    next,
    code: 'NETWORK',
    durationMs: 5,
    provider: 'acme',
    account: 'no.rth',
  }) as const;

describe('JUnit XML', () => {
  test('has a suite for the machine and for each connection, with times in seconds', () => {
    const all: SmokeResult[] = [
      { name: 'key', outcome: 'pass', evidence: 'opens', durationMs: 7 },
      {
        name: 'token',
        outcome: 'skip',
        reason: 'key did not pass',
        durationMs: 0,
        provider: 'acme',
        account: 'no.rth',
      },
      failed('no <way> & "back"'),
    ];
    const document = readXml(junitXml({ ...report(all), passed: 1, failed: 1, skipped: 1 }));
    expect(document).toMatchObject({
      name: 'testsuites',
      attributes: { tests: '3', failures: '1', errors: '0', skipped: '1', time: '1.234' },
      children: [
        { attributes: { name: 'lwi smoke: machine', tests: '1', time: '0.007', timestamp: '2026-01-05T12:00:00' } },
        {
          attributes: { name: 'lwi smoke: no.rth/acme', tests: '2', failures: '1', skipped: '1', time: '0.005' },
          children: [
            { attributes: { classname: 'lwi.smoke.no_rth.acme', name: 'token' }, children: [{ name: 'skipped' }] },
            {
              attributes: { name: 'api', time: '0.005' },
              children: [
                {
                  ...{ name: 'failure', attributes: { message: 'no <way> & "back"', type: 'NETWORK' } },
                  text: 'no <way> & "back"\nnext: Run `lwi status`.',
                },
              ],
            },
          ],
        },
      ],
    });
  });

  test('is well-formed whatever a provider says', () => {
    const text = fc.string({ unit: 'binary-ascii' });
    fc.assert(
      fc.property(text, text, (reason, next) => {
        readXml(junitXml(report([failed(reason, `${next}\ud800\u0000]]>\u001b\ufffe`)])));
      }),
    );
    const [suite] = readXml(junitXml(report([failed('a\tb\nc\u0007d')]))).children;
    expect(suite?.children[0]?.children[0]?.attributes['message']).toBe('a\tb\nc\ufffdd');
  });
});

describe('GitHub', () => {
  test('gets one line for a failure, with everything escaped that means something there', () => {
    expect(annotation({ ...failed('100 %, a:b\r\n::error::no', 'Look.'), provider: 'a,c' })).toBe(
      '::error title=lwi smoke%3A a%2Cc api::100 %25, a:b%0D%0A::error::no%0Anext: Look.',
    );
  });

  test('gets a table in which nothing is markup', () => {
    const lines = summary(report([failed('a | b\n| c <img> [x](y) `z`', '@everyone')])).split('\n');
    expect(lines).toHaveLength(7);
    expect(lines[4]).toBe(
      '| **fail** | acme api | a &#124; b &#124; c &lt;img&#62; &#91;x&#93;(y) &#96;z&#96; next: &#64;everyone |',
    );
  });
});
