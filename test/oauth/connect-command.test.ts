import { describe, expect, it } from 'vitest';
import { commandAfter, connectCommand } from '../../src/oauth/connect-command.ts';
import { quickbooks } from '../../src/providers/quickbooks/provider.ts';
import { acme } from '../http/support.ts';

describe('a command that is shown', () => {
  it('connects the same thing again: provider, kind, environment and account', () => {
    const row = { provider: 'slack', variant: 'bot', env: 'mock', account: 'north' } as const;
    expect(connectCommand(row)).toBe('`lwi connect slack --as bot --env mock -a north`');
    expect(connectCommand({ ...row, variant: undefined, env: 'production' })).toBe('`lwi connect slack -a north`');
  });

  it('comes after connecting, for the same account, and pulls only where there is something to pull', () => {
    expect(commandAfter(quickbooks, 'default')).toBe('lwi sync quickbooks');
    expect(commandAfter(quickbooks, 'north')).toBe('lwi sync quickbooks -a north');
    expect(commandAfter(acme(), 'north')).toBe('lwi status -a north');
  });
});
