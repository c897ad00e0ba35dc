import { describe, expect, it } from 'vitest';
import { type Category, ERROR_KINDS, isLwiError, LwiError } from '../src/errors.ts';

/** The exit codes of the command contract. */
const EXIT: Readonly<Record<Category, readonly number[]>> = {
  defect: [1],
  usage: [2],
  auth: [3],
  refused: [4],
  unavailable: [5],
  unverified: [6],
  storage: [7],
  check: [8],
  stopped: [130, 143],
};

describe('the table of errors', () => {
  it.each(Object.entries(ERROR_KINDS))('%s: exit code of its category, and a next step', (_code, kind) => {
    expect(EXIT[kind.category]).toContain(kind.exit);
    expect(kind.remedy).toMatch(/^[A-Z].*\.$/);
  });

  it('takes what is unavailable for worth another try, and no refusal', () => {
    const kinds = Object.values(ERROR_KINDS);
    const lasting = Object.entries(ERROR_KINDS).filter(
      ([, kind]) => kind.category === 'unavailable' && !kind.retryable,
    );
    // A certificate that does not hold now will not hold in a minute.
    expect(lasting.map(([code]) => code)).toEqual(['TLS']);
    const refusals = kinds.filter(({ category }) => ['refused', 'usage', 'auth'].includes(category));
    expect(refusals.some(({ retryable }) => retryable)).toBe(false);
  });
});

describe('an error', () => {
  it('is the error object of the contract as JSON, absent facts left out', () => {
    const error = new LwiError('RATE_LIMITED', 'QuickBooks answered 429', {
      provider: 'quickbooks',
      account: 'acme',
      statusCode: 429,
      providerCode: '3001',
      requestId: 't-1',
      retryAfterMs: 60_000,
      answer: 'a whole answer',
      unsent: true,
      cause: new Error('cause'),
    });
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      code: 'RATE_LIMITED',
      message: 'QuickBooks answered 429',
      hint: 'Wait as long as the message says and run the command again.',
      provider: 'quickbooks',
      account: 'acme',
      statusCode: 429,
      providerCode: '3001',
      requestId: 't-1',
      retryable: true,
      retryAfterMs: 60_000,
    });
    expect(new LwiError('INTERNAL', 'x').toJSON()).toEqual({
      code: 'INTERNAL',
      message: 'x',
      hint: 'Run again with --verbose and report what it prints.',
      retryable: false,
    });
  });

  it('names the provider in its hint', () => {
    expect(new LwiError('NOT_CONNECTED', 'x', { provider: 'slack' }).hint).toBe('Run `lwi connect slack`.');
    expect(new LwiError('NOT_CONNECTED', 'x', { provider: 'slack', account: 'north' }).hint).toBe(
      'Run `lwi connect slack -a north`.',
    );
    expect(new LwiError('NOT_CONNECTED', 'x').hint).toBe('Run `lwi connect <provider>`.');
    expect(new LwiError('USAGE', 'x', { hint: 'Say {provider}.', provider: 'slack' }).hint).toBe('Say slack.');
  });

  it('may know better than its code whether a repeat makes sense', () => {
    expect(new LwiError('SERVER_ERROR', 'x').retryable).toBe(true);
    expect(new LwiError('SERVER_ERROR', 'x', { retryable: false }).retryable).toBe(false);
  });

  it('keeps its cause, and has none when none was given', () => {
    const cause = new Error('cause');
    expect(new LwiError('NETWORK', 'x', { cause }).cause).toBe(cause);
    expect('cause' in new LwiError('NETWORK', 'x')).toBe(false);
  });

  it('is told by its code', () => {
    const error = new LwiError('NETWORK', 'x');
    expect([isLwiError(error), isLwiError(error, 'TIMEOUT', 'NETWORK'), isLwiError(error, 'TIMEOUT')]).toEqual([
      true,
      true,
      false,
    ]);
    expect(isLwiError({ code: 'NETWORK' })).toBe(false);
  });
});
