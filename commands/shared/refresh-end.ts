import { connectCommand } from '../../src/oauth/connect-command.ts';
import type { ConnectionRow } from '../../src/store/store.ts';
import { when } from './when.ts';

/** How long before its end a refresh token is spoken of, ms: 14 days. */
const NEAR_MS = 14 * 86_400_000;

/**
 * What a person should know of the end of a refresh token that is near or past, and the command to run; undefined when there is nothing to say. The sliding
 * end moves with a refresh, the hard one never (QuickBooks: five years after the consent, blogs.intuit.com 2025/11/12). A past end changes nothing
 * else: it is what the provider once said, and only its refusal ends a connection.
 */
export function refreshEndNotice(row: ConnectionRow, now: number): string | undefined {
  const { refreshToken, refreshExpiresAt: sliding = Infinity, refreshHardExpiresAt: hard = Infinity } = row.token;
  const end = Math.min(sliding, hard);
  if (!refreshToken || row.state === 'reconnect' || end - now >= NEAR_MS) return undefined;
  const connect = connectCommand(row);
  if (end <= now) {
    return `its refresh token ended ${when(end, now)}, by what the provider said; it is still tried, and when it is refused run ${connect}.`;
  }
  if (hard <= sliding) return `its refresh token ends for good ${when(end, now)}, used or not: run ${connect} before.`;
  const refresh = `\`lwi token refresh ${row.provider} -a ${row.account} --force\``;
  return `its refresh token ends ${when(end, now)} if it is not used: run ${refresh}, or, when that does not move the end, ${connect}.`;
}
