import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { clockFinding, clockSkew } from '../../src/checks/clock-finding.ts';
import { homeFinding } from '../../src/checks/home-finding.ts';
import { rateFinding } from '../../src/checks/rate-finding.ts';
import { scopeFinding } from '../../src/checks/scope-finding.ts';
import { type WebhookFacts, webhookFinding } from '../../src/checks/webhook-finding.ts';
import { slack } from '../../src/providers/slack/provider.ts';
import { Secret } from '../../src/secret.ts';
import { PRESETS } from '../../src/webhooks/presets.ts';

const NOON = Date.parse('2026-01-05T12:00:00Z');
const DATE = 'Mon, 05 Jan 2026 12:00:00 GMT';
const answered = (headers: Record<string, string>, ended = NOON, began = ended) => ({
  status: 200,
  headers,
  began,
  ended,
});

describe('the clock', () => {
  test.each([
    ['at the same time', DATE, NOON, NOON, 0],
    ['within the second of the Date', DATE, NOON + 999, NOON + 999, 0],
    ['while a request waited for its permit', DATE, NOON - 90_000, NOON + 1, 0],
    ['that is ahead', DATE, NOON + 61_000, NOON + 61_500, 60_001],
    ['that is behind', DATE, NOON - 90_000, NOON - 61_000, -61_000],
    ['beside no Date', '', NOON, NOON, undefined],
    ['beside a Date that is none', 'today', NOON, NOON, undefined],
  ])('%s', (_, date, began, ended, skew) => {
    expect(clockSkew(answered({ date }, ended, began))).toBe(skew);
  });

  test('an answer out of a cache is as old as its Age', () => {
    expect(clockSkew(answered({ date: DATE, age: '600' }, NOON + 600_000))).toBe(0);
  });

  test.each([
    [0, 'pass', /^within a second/],
    [3000, 'pass', /^3s ahead of Acme$/],
    [-60_000, 'pass', /^1m behind Acme$/],
    [-120_000, 'pass', /^warning: 2m behind/],
    [-300_000, 'pass', /^warning: 5m behind/],
    [-300_001, 'fail', /^The clock of this machine is 5m behind Acme\.$/],
    [301_000, 'fail', /ahead of Acme\.$/],
  ])('off by %i ms', (off, outcome, said) => {
    const skewMs = clockSkew(answered({ date: DATE }, NOON + off + (off > 0 ? 999 : 0)));
    const finding = clockFinding([{ by: 'Acme', skewMs }]);
    expect(finding.outcome).toBe(outcome);
    expect(finding.outcome === 'pass' ? finding.evidence : finding.reason).toMatch(said);
  });
});

describe('rate headers', () => {
  const of = (headers: Record<string, string>) =>
    rateFinding(answered({ date: DATE, ...headers }), slack, ['tier4:auth.test']);

  test.each([
    [{}, 'pass', /^Slack sends none; lwi keeps to \d+ in 1m by itself$/],
    [
      { 'x-ratelimit-limit': '60', 'x-ratelimit-remaining': '12', 'x-ratelimit-reset': '30' },
      'pass',
      /^12 of 60 left, renewed in 30s$/,
    ],
    [{ 'retry-after': '30' }, 'pass', /^asks to wait 30s$/],
    [{ 'x-ratelimit-limit': 'many' }, 'fail', /does not understand: x-ratelimit-limit: /],
    [{ 'x-ratelimit-remaining': '12', 'retry-after': 'soon' }, 'pass', /^12 left; not understood: retry-after: /],
  ])('%j', (headers, outcome, said) => {
    const finding = of(headers as Record<string, string>);
    expect(finding.outcome).toBe(outcome);
    expect(finding.outcome === 'pass' ? finding.evidence : finding.reason).toMatch(said);
  });
});

describe('scopes', () => {
  const facts = {
    title: 'Acme',
    ofTheUser: false,
    needed: ['a:read', 'b:read', 'openid', 'offline_access'],
    connect: '`lwi connect acme`',
  };
  const of = (granted: string[], header?: string, refusal?: string) =>
    scopeFinding({ ...facts, granted, headers: header === undefined ? {} : { 'x-oauth-scopes': header }, refusal });

  test('those of the identity are not asked for, a wider one holds a narrower one', () => {
    expect(of(['a', 'b:read'])).toEqual({ outcome: 'pass', evidence: 'a:read, b:read: all granted' });
  });

  test('a missing one is named, with the way to get it', () => {
    expect(of(['a:read'])).toMatchObject({
      outcome: 'fail',
      code: 'FORBIDDEN',
      reason: expect.stringMatching(/^b:read is missing/),
    });
    expect(of([], undefined, 'needs c:read')).toMatchObject({ outcome: 'fail', reason: 'needs c:read' });
  });

  test('of a provider of the own, all that is known is that it was asked for', () => {
    const own = { ...facts, ofTheUser: true, headers: undefined, refusal: undefined };
    expect(scopeFinding({ ...own, granted: ['dummy'] })).toEqual({
      ...{ outcome: 'fail', code: 'FORBIDDEN' },
      reason: 'a:read, b:read were asked for, not granted (granted: dummy)',
      next: 'Allow them to the app at Acme, or correct `oauth.scopes` of the definition; then run `lwi connect acme`.',
    });
    expect(scopeFinding({ ...own, granted: ['a:read', 'b:read'] })).toMatchObject({ outcome: 'pass' });
  });

  test('what the answer says of the token goes before what was granted once', () => {
    expect(of(['a:read', 'b:read'], 'a:read,identify')).toMatchObject({ outcome: 'fail' });
    expect(of(['a:read'], 'a:read, b:read')).toMatchObject({ outcome: 'pass' });
  });

  test('where nobody has said anything nothing can be told', () => {
    expect(of([])).toMatchObject({ outcome: 'skip' });
    expect(
      scopeFinding({ ...facts, needed: ['openid'], granted: [], headers: undefined, refusal: undefined }),
    ).toMatchObject({
      outcome: 'skip',
    });
  });
});

describe('the webhook secret', () => {
  const secret = new Secret('the secret of the provider');
  const other = new Secret('the secret of somebody else');
  const scheme = PRESETS.intuit;
  const facts: WebhookFacts = {
    ...{ title: 'Acme', scheme, secrets: [secret], source: 'the vault', passedOver: [], witness: undefined, now: NOON },
    next: 'Set it.',
  };

  test.each(['slack', 'intuit', 'github', 'stripe', 'shopify', 'hubspot-v3', 'mycarrierpackets'] as const)(
    'goes round under %s, and says that nothing has shown that it is the right one',
    (name) => {
      expect(webhookFinding({ ...facts, scheme: PRESETS[name] })).toMatchObject({
        ...{
          outcome: 'pass',
          evidence: expect.stringMatching(/of the vault, and not with a byte changed; no delivery has come lately/),
        },
      });
    },
  );

  test('that cannot be used is a failure', () => {
    const scheme = PRESETS['standard-webhooks'];
    expect(webhookFinding({ ...facts, scheme, secrets: [new Secret('no base64 at all: ###')] })).toMatchObject({
      ...{ outcome: 'fail', code: 'INPUT_INVALID' },
    });
  });

  test('in the environment that is another than the one of the vault is a failure, one of both is none', () => {
    const given = { ...facts, source: 'LWI_ACME_WEBHOOK_SECRET', passedOver: [other] };
    expect(webhookFinding(given)).toMatchObject({ outcome: 'fail', code: 'UNVERIFIED' });
    expect(webhookFinding({ ...given, secrets: [secret, other] })).toMatchObject({ outcome: 'pass' });
  });
});

describe('the home', () => {
  const place = () => {
    const directory = mkdtempSync(join(tmpdir(), 'lwi-home-'));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    return directory;
  };

  test('that can be written is left as it was, also where it is not there yet', () => {
    const directory = place();
    expect(homeFinding(directory)).toMatchObject({ outcome: 'pass' });
    expect(homeFinding(join(directory, 'a', 'b'))).toMatchObject({ evidence: expect.stringMatching(/not there yet/) });
    expect(readdirSync(directory)).toEqual([]);
  });

  test('that is a file, or below one, cannot', () => {
    const file = join(place(), 'file');
    writeFileSync(file, '');
    for (const home of [file, join(file, 'home'), '/proc/lwi'])
      expect(homeFinding(home)).toMatchObject({ outcome: 'fail', code: 'STORE_READONLY' });
    mkdirSync(`${file}s`);
    expect(homeFinding(`${file}s`)).toMatchObject({ outcome: 'pass' });
  });
});
