import { pass } from '../check.ts';
import type { Bench } from './bench.ts';
import { demand, failureOf } from './demand.ts';
import { ask, readingLine } from './reads.ts';

/** What was sent while the work was done. */
async function sent(bench: Bench, work: () => Promise<unknown>) {
  const before = bench.standIn.seen.length;
  const error = await failureOf(work());
  const seen = bench.standIn.seen.slice(before);
  const of = (kind: 'api' | 'oauth') => seen.filter((each) => each.kind === kind).length;
  return { error, api: of('api'), oauth: of('oauth') };
}

/** A token that is no longer taken is renewed once, the request repeated once; a grant that is over is marked, and its row kept. */
export const unauthorized = readingLine({
  name: 'clear-token-on-401',
  needs: ['token-refresh'],
  about: 'what `classify` makes of an answer to a token that is no longer taken',
  async run(bench, row, read) {
    const { standIn, store, provider, subject, clock } = bench;
    const said: string[] = [];
    if (!subject.elsewhere && row.token.expiresAt !== undefined) {
      await bench.control('expire');
      const { error, api, oauth } = await sent(bench, () => ask(bench, row, read));
      demand(!error, `a token that has ended at the provider: ${error?.code} (${error?.message})`);
      demand(api === 2 && oauth === 1, `a token that has ended: ${api} requests and ${oauth} refreshes`);
      said.push('a token that has ended: 1 refresh, 1 repeat, good');
    }
    standIn.script(() => ({ status: 401 }));
    const again = await sent(bench, () => ask(bench, row, read));
    demand(again.error?.code === 'UNAUTHORIZED', `a 401 that stays is ${again.error?.code ?? 'no error'}`);
    demand(
      again.api === 2 && again.oauth === 1,
      `a 401 that stays: ${again.api} requests and ${again.oauth} refreshes`,
    );
    said.push('a 401 that stays: 1 refresh, 1 repeat, then UNAUTHORIZED');
    demand((await store.connection(row))?.state === 'active', 'a 401 alone has ended the connection');
    if (subject.elsewhere) return pass(said.join('; '));

    standIn.script(undefined);
    // A refresh that has just been made is not made again because of an old failure.
    clock.jump(60_000);
    await bench.control('revoke');
    const over = await sent(bench, () => ask(bench, row, read));
    const kept = await store.connection(row);
    const logsIn = provider.oauth.onRefreshRejected === 'password' || provider.oauth.grant === 'client_credentials';
    if (logsIn) {
      demand(!over.error, `a grant that was revoked: ${over.error?.code}`);
      said.push('a grant that was revoked: logged in again by itself');
    } else {
      demand(
        over.error?.code === 'RECONNECT_REQUIRED',
        `a grant that was revoked is ${over.error?.code ?? 'no error'}`,
      );
      demand(kept?.state === 'reconnect', 'a grant that was revoked leaves the connection as it was');
      said.push('a grant that was revoked: RECONNECT_REQUIRED, marked, the row kept');
    }
    return pass(said.join('; '));
  },
});
