import { type Finding, pass } from '../../src/checks/check.ts';
import type { ScopeFacts } from '../../src/checks/scope-finding.ts';
import type { ConnectionKey } from '../../src/connection.ts';
import type { Context } from '../../src/context.ts';
import { isLwiError } from '../../src/errors.ts';
import { connectCommand } from '../../src/oauth/connect-command.ts';
import type { RefreshOutcome } from '../../src/oauth/rotation.ts';
import { healthOf } from '../../src/oauth/token-set.ts';
import { usableConnection } from '../../src/oauth/usable-connection.ts';
import type { ConnectionRow } from '../../src/store/store.ts';
import { refreshEndNotice } from '../shared/refresh-end.ts';
import { when } from '../shared/when.ts';

/** Whose connection it is, and where its requests go. */
export async function connectionFinding(context: Context, { provider: id }: ConnectionKey): Promise<Finding> {
  const row = await context.connection(id);
  const provider = await context.provider(id);
  const { apiBaseUrl } = await context.endpoints(provider, row.env);
  const own = (await context.config()).endpoints?.[id] !== undefined;
  const { externalName: name, externalId: tenant } = row;
  const whose = name === undefined || tenant === undefined ? (name ?? tenant) : `${name} (${tenant})`;
  const kind = row.variant === undefined ? '' : ` as ${row.variant}`;
  const where = `at ${new URL(apiBaseUrl).host}${own ? ', an endpoint from the config' : ''}`;
  return pass(`${whose ?? 'nobody knows whose'}${kind}, ${where}`);
}

/** Whether there is a token to work with; one that is due is refreshed first. Throws what a refresh throws. */
export async function tokenFinding(context: Context, key: ConnectionKey, signal: AbortSignal): Promise<Finding> {
  const tokens = await context.tokens();
  const store = await context.store();
  let row: ConnectionRow;
  let outcome: RefreshOutcome | undefined;
  try {
    ({ row, outcome } = await tokens.refresh(key, signal));
  } catch (error) {
    if (!isLwiError(error, 'UNSUPPORTED')) throw error;
    // There is nothing to refresh it with: it lasts as long as it lasts, and when that is over this throws.
    await tokens.bearer(key, signal);
    row = await usableConnection(store, key);
  }
  // Sealed with the right key, and whole.
  await tokens.bearer(key, signal);
  const now = context.clock.now();
  const { expiresAt } = row.token;
  const said = [
    outcome === undefined || outcome === 'fresh'
      ? ''
      : `${outcome === 'joined' ? 'another process refreshed it' : 'refreshed'}; `,
    healthOf(row, now),
    expiresAt === undefined ? ', never expires' : `, expires ${when(expiresAt, now)}`,
  ].join('');
  const end = refreshEndNotice(row, now);
  const lone = row.token.refreshToken === undefined && expiresAt !== undefined && outcome === undefined;
  return pass([said, end && `warning: ${end}`, lone && 'nothing to refresh it with'].filter(Boolean).join('; '));
}

/** What is known of the scopes of a connection, without asking anybody. */
export async function scopeFactsOf(
  context: Context,
  { provider: id }: ConnectionKey,
): Promise<Pick<ScopeFacts, 'title' | 'ofTheUser' | 'needed' | 'granted' | 'connect'>> {
  const row = await context.connection(id);
  const provider = await context.provider(id);
  const { variantOf } = await import('../../src/oauth/settings.ts');
  const { settings } = variantOf(provider, await context.endpoints(provider, row.env), row.variant);
  const ofTheUser = Object.hasOwn((await context.config()).providers ?? {}, id);
  return {
    ...{
      title: provider.title,
      ofTheUser,
      needed: settings.scopes,
      granted: row.token.scopes,
      connect: connectCommand(row),
    },
  };
}
