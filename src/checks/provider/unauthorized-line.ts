import type { ConnectionRow } from '../../store/store.ts';
import { type Finding, pass } from '../check.ts';
import type { Bench } from './bench.ts';
import { demand, failureOf } from './demand.ts';
import { broughtToken } from './protocol-at.ts';
import { ask, type Read, readingLine } from './reads.ts';
import { isTokenRequest } from './stand-in.ts';

/** What was sent while the work was done. */
async function sent(bench: Bench, row: ConnectionRow, read: Read) {
  const before = bench.standIn.seen.length;
  const error = await failureOf(ask(bench, row, read));
  const seen = bench.standIn.seen.slice(before);
  return {
    ...{ error, api: seen.filter(({ kind }) => kind === 'api').length, oauth: seen.filter(isTokenRequest).length },
    state: (await bench.store.connection(row))?.state,
  };
}

/** A token that is no longer taken is renewed once, the request repeated once; a grant that is over is marked, and its row kept. */
export const unauthorized = readingLine({
  name: 'clear-token-on-401',
  about: 'what `classify` makes of an answer to a token that is no longer taken',
  async run(bench, row, read) {
    const { standIn, provider, subject, clock } = bench;
    if (broughtToken(subject)) return ofBroughtToken(bench, row, read);
    const said: string[] = [];
    if (!subject.elsewhere && row.token.expiresAt !== undefined) {
      await bench.control('expire');
      const { error, api, oauth } = await sent(bench, row, read);
      demand(!error, `a token that has ended at the provider: ${error?.code} (${error?.message})`);
      demand(api === 2 && oauth === 1, `a token that has ended: ${api} requests and ${oauth} refreshes`);
      said.push('a token that has ended: 1 refresh, 1 repeat, good');
    }
    standIn.script(() => ({ status: 401 }));
    const again = await sent(bench, row, read);
    demand(again.error?.code === 'UNAUTHORIZED', `a 401 that stays is ${again.error?.code ?? 'no error'}`);
    demand(
      again.api === 2 && again.oauth === 1,
      `a 401 that stays: ${again.api} requests and ${again.oauth} refreshes`,
    );
    said.push('a 401 that stays: 1 refresh, 1 repeat, then UNAUTHORIZED');
    demand(again.state === 'active', 'a 401 alone has ended the connection');
    if (subject.elsewhere) return pass(said.join('; '));

    standIn.script(undefined);
    // A refresh that has just been made is not made again because of an old failure.
    clock.jump(60_000);
    await bench.control('revoke');
    const over = await sent(bench, row, read);
    const logsIn = provider.oauth.onRefreshRejected === 'password' || provider.oauth.grant === 'client_credentials';
    if (logsIn) {
      demand(!over.error, `a grant that was revoked: ${over.error?.code}`);
      said.push('a grant that was revoked: logged in again by itself');
    } else {
      demand(
        over.error?.code === 'RECONNECT_REQUIRED',
        `a grant that was revoked is ${over.error?.code ?? 'no error'}`,
      );
      demand(over.state === 'reconnect', 'a grant that was revoked leaves the connection as it was');
      said.push('a grant that was revoked: RECONNECT_REQUIRED, marked, the row kept');
    }
    return pass(said.join('; '));
  },
});

/** There is nothing to refresh such a token with. */
async function ofBroughtToken(bench: Bench, row: ConnectionRow, read: Read): Promise<Finding> {
  bench.standIn.script(() => ({ status: 401 }));
  const { error, api, state } = await sent(bench, row, read);
  demand(
    error?.code === 'RECONNECT_REQUIRED' && api === 1,
    `a 401 is ${error?.code ?? 'no error'} after ${api} requests`,
  );
  demand(state === 'reconnect', 'the connection is not marked');
  return pass('a 401 for a token that was made elsewhere: RECONNECT_REQUIRED after 1 request, marked, the row kept');
}
