import { connectionName } from '../../connection.ts';
import { openAccessToken, openRefreshToken } from '../../oauth/sealed-token.ts';
import { formatSpan } from '../../span.ts';
import type { ConnectionRow } from '../../store/store.ts';
import { pass, skip } from '../check.ts';
import { demand } from './demand.ts';
import { connect } from './grants.ts';
import { CONNECTED, type Line } from './line.ts';
import { isRenewable } from './protocol-at.ts';
import { isTokenRequest } from './stand-in.ts';

/** Rotation: what is new is stored before it is used, what is old is shown to nobody. */
export const refresh: Line = {
  name: 'token-refresh',
  needs: CONNECTED,
  about: 'the token endpoint and `oauth.adaptTokenAnswer`',
  // A new refresh token each time, and whoever shows an old one loses all.
  mock: { rotateAlways: true },
  async run(bench) {
    const { tokens, vault, standIn, signal, provider } = bench;
    const first = await connect(bench);
    const offered = standIn.seen.some(
      ({ kind, answer }) => kind === 'oauth' && /"refresh_token"\s*:\s*"[^"]/.test(answer.text),
    );
    const sealed = await openRefreshToken(vault, first);
    demand(!offered || sealed !== undefined, 'the answer held a refresh token, and none was stored');
    if (!isRenewable(provider, first))
      return skip(`${provider.title} gave no refresh token: its access token is used as long as it lives`);
    const seen = new Set<string>();
    let row: ConnectionRow = first;
    for (const round of [1, 2]) {
      const shown = (await openRefreshToken(vault, row))?.reveal();
      const before = standIn.seen.length;
      const { outcome, row: next } = await tokens.refresh(row, signal, { olderThan: row.generation + 1 });
      const asked = standIn.seen.slice(before).filter(isTokenRequest);
      demand(
        outcome === 'refreshed' && asked.length === 1,
        `refresh ${round} was ${outcome}, by ${asked.length} requests`,
      );
      const sent = new URLSearchParams(asked[0]?.body).get('refresh_token') ?? undefined;
      demand(sent === shown, `refresh ${round} showed another refresh token than the one stored`);
      demand(sent === undefined || !seen.has(sent), `refresh ${round} showed a refresh token that was replaced`);
      const answered = /"refresh_token"\s*:\s*"([^"]+)"/.exec(asked[0]?.answer.text ?? '')?.[1];
      const stored = (await openRefreshToken(vault, next))?.reveal();
      demand(answered === undefined || answered === stored, 'the new refresh token was not stored');
      demand(next.generation === row.generation + 1, 'the new token has no new generation');
      const [old, fresh] = [await openAccessToken(vault, row), await openAccessToken(vault, next)];
      demand(old.reveal() !== fresh.reveal(), 'the access token is the old one');
      if (answered !== undefined && answered !== sent && sent !== undefined) seen.add(sent);
      row = next;
    }
    const how = sealed === undefined ? 'by the grant itself' : 'each with the refresh token that was stored last';
    const rotated = seen.size > 0 ? `; ${seen.size} rotations stored before use, no old one shown` : '';
    return pass(`2 refreshes, ${how}${rotated}; generation ${first.generation} to ${row.generation}`);
  },
};

/** Ahead of need, by the token's own life. */
export const proactive: Line = {
  name: 'proactive-refresh',
  needs: CONNECTED,
  about: 'the life of the access token that `oauth.adaptTokenAnswer` leaves in the answer',
  async run(bench) {
    const { tokens, clock, standIn, signal, provider } = bench;
    const row = await connect(bench);
    const { issuedAt, expiresAt } = row.token;
    const told = standIn.seen.some(({ kind, answer }) => kind === 'oauth' && /"expires_in"\s*:/.test(answer.text));
    demand(expiresAt !== undefined || !told, 'the answer says when the access token ends, and it is not known');
    if (expiresAt === undefined) return skip('the access token does not expire, so that it is never due');
    if (!isRenewable(provider, row)) return skip('there is nothing to refresh it with');
    const life = expiresAt - issuedAt;
    const connected = standIn.seen.length;
    clock.jump(issuedAt + life * 0.79 - clock.now());
    const early = await tokens.bearer(row, signal);
    demand(early.generation === row.generation, 'it was refreshed at 79 % of its life');
    clock.jump(life * 0.02);
    const [due, same] = await Promise.all([tokens.bearer(row, signal), tokens.bearer(row, signal)]);
    const refreshes = standIn.seen.slice(connected).filter(isTokenRequest).length;
    demand(due.generation === row.generation + 1, 'it was not refreshed at 81 % of its life');
    demand(refreshes === 1 && same.generation === due.generation, `two callers at once made ${refreshes} requests`);
    return pass(
      `a life of ${formatSpan(life)}: fresh at 79 % (no request), refreshed at 81 % with one request for two callers of ${connectionName(row)}`,
    );
  },
};
