import type { Context } from '../../src/context.ts';
import { isLwiError } from '../../src/errors.ts';
import { connectCommand } from '../../src/oauth/connect-command.ts';
import type { ConnectionRow, LastRefresh } from '../../src/store/store.ts';
import type { Define } from '../shared/define.ts';
import { paintHealth } from '../shared/health.ts';
import { refreshEndNotice } from '../shared/refresh-end.ts';
import { rotationNotice } from '../shared/rotation-notice.ts';
import { iso, when } from '../shared/when.ts';

export const define: Define = (parent, run) => {
  parent
    .command('inspect [provider]')
    .description('say all about a token but the token: health, ages, refreshes, scopes, fingerprint, claims')
    .action(run(inspectToken));
};

async function inspectToken(context: Context, _options: unknown, given?: string): Promise<undefined> {
  const { askedProvider, connectedProvider } = await import('../shared/asked-provider.ts');
  const id = await askedProvider(context, ['token', 'inspect'], given, connectedProvider(context, { takeOnly: true }));
  const { terminal, clock } = context;
  const row = await context.connection(id);
  const { dueAt, ...facts } = await inspect(context, row);
  if (terminal.json) return void terminal.document(facts);
  const { renderPairs } = await import('../../src/table.ts');
  const now = clock.now();
  const time = (at: number | undefined) => (at === undefined ? '' : `${when(at, now)} (${iso(at)})`);
  const { token } = row;
  const lines = renderPairs(
    [
      ['provider', `${row.provider} (${row.env})${row.variant ? `, as ${row.variant}` : ''}`],
      ['account', row.account],
      ['company', [row.externalName, row.externalId].filter(Boolean).join(', ')],
      ['user', row.externalUserId ?? ''],
      ['health', paintHealth(facts.health, terminal.style) + (row.stateReason ? `: ${row.stateReason}` : '')],
      ['issued', time(token.issuedAt)],
      ['expires', token.expiresAt === undefined ? 'never' : time(token.expiresAt)],
      ['lifetime used', facts.lifetimeUsed === undefined ? '' : `${Math.round(facts.lifetimeUsed * 100)} %`],
      ['refresh due', time(dueAt)],
      ['refresh token', facts.refreshFingerprint ? `fingerprint ${facts.refreshFingerprint}` : 'none'],
      ['refresh ends', time(token.refreshExpiresAt)],
      ['refresh ends for good', time(token.refreshHardExpiresAt)],
      ['refreshes', String(row.refreshCount)],
      ['last refresh', row.lastRefresh ? lastRefresh(row.lastRefresh, now) : 'never'],
      rotationNotice(row, now) ?? ['refresh under way', ''],
      ['scopes', token.scopes.join(' ')],
      ['fingerprint', facts.fingerprint],
      ['key from', facts.keySource],
      ['app from', facts.credentialsSource],
      ['claims', facts.claims ? JSON.stringify(facts.claims) : ''],
    ],
    terminal.tableWidth,
  );
  terminal.out(...lines);
  const notice = refreshEndNotice(row, now);
  if (notice) terminal.warn(`${row.account}/${row.provider}: ${notice}`);
  if (row.state === 'reconnect') terminal.info(`next: run ${connectCommand(row)}`);
}

function lastRefresh({ at, outcome, detail, failures }: LastRefresh, now: number): string {
  const inRow = failures > 1 ? ` (${failures} failures in a row)` : '';
  return `${outcome} ${when(at, now)}${inRow}${detail ? `: ${detail}` : ''}`;
}

/** The facts under their JSON names, plus `dueAt` in ms for the table. */
async function inspect(context: Context, row: ConnectionRow) {
  const { dueAt, healthOf, lifetimeUsed } = await import('../../src/oauth/token-set.ts');
  const { openAccessToken, openIdToken, openRefreshToken } = await import('../../src/oauth/sealed-token.ts');
  const { claimsOf } = await import('../../src/oauth/jwt.ts');
  const vault = await context.vault();
  const now = context.clock.now();
  const access = await openAccessToken(vault, row);
  const refresh = await openRefreshToken(vault, row);
  const idToken = await openIdToken(vault, row);
  const claims = claimsOf(idToken ?? access);
  const due = dueAt(row.token);
  return {
    provider: row.provider,
    account: row.account,
    env: row.env,
    variant: row.variant,
    externalId: row.externalId,
    externalName: row.externalName,
    externalUserId: row.externalUserId,
    health: healthOf(row, now),
    stateReason: row.stateReason,
    issuedAt: iso(row.token.issuedAt),
    expiresAt: iso(row.token.expiresAt),
    lifetimeUsed: lifetimeUsed(row.token, now),
    refreshDueAt: iso(due),
    refreshExpiresAt: iso(row.token.refreshExpiresAt),
    refreshHardExpiresAt: iso(row.token.refreshHardExpiresAt),
    refreshCount: row.refreshCount,
    lastRefresh: row.lastRefresh && { ...row.lastRefresh, at: iso(row.lastRefresh.at) },
    rotation: row.rotation && { startedAt: iso(row.rotation.startedAt), owner: row.rotation.owner },
    scopes: row.token.scopes,
    tokenType: row.token.tokenType,
    fingerprint: access.fingerprint(),
    refreshFingerprint: refresh?.fingerprint(),
    keySource: vault.keySource(),
    credentialsSource: await credentialsSource(context, row),
    claims: Object.keys(claims).length > 0 ? claims : undefined,
    dueAt: due,
  };
}

/** Where a refresh would take the app's credentials from; says so when there are none. */
async function credentialsSource(context: Context, row: ConnectionRow): Promise<string> {
  try {
    return (await context.appCredentials(row)).source;
  } catch (error) {
    if (isLwiError(error, 'CREDENTIALS_MISSING')) return 'missing';
    throw error;
  }
}
