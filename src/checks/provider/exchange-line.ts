import type { Protocol } from '../../oauth/protocol.ts';
import { openAccessToken } from '../../oauth/sealed-token.ts';
import type { TokenSet } from '../../oauth/token-set.ts';
import { formatSpan } from '../../span.ts';
import { type Finding, pass } from '../check.ts';
import type { Bench } from './bench.ts';
import { demand, failureOf, given } from './demand.ts';
import { connect, keep, obtain } from './grants.ts';
import type { Line } from './line.ts';
import { broughtToken, protocolOf, variantsOf } from './protocol-at.ts';
import { ask, readsOf } from './reads.ts';
import type { Seen } from './stand-in.ts';

/** The code, or whatever the grant has in its place, against tokens: once. */
export const exchange: Line = {
  name: 'token-exchange',
  about: 'the token endpoint, `oauth.clientAuthentication`, `oauth.pkce` and `oauth.adaptTokenAnswer`',
  async run(bench) {
    const { provider, standIn, subject } = bench;
    if (broughtToken(subject)) return keptToken(bench);
    const said: string[] = [];
    for (const [at, variant] of variantsOf(provider).entries()) {
      const way = { account: `tenant-${at}`, variant };
      const protocol = await protocolOf(bench, way, variant);
      const before = standIn.seen.length;
      const { set, again } = await obtain(bench, protocol, way);
      const asked = given(
        standIn.seen
          .slice(before)
          .findLast(({ kind, method, body }) => kind === 'oauth' && method === 'POST' && /grant_type|code=/.test(body)),
        'nothing came to the token endpoint',
      );
      demandClient(protocol, asked);
      const row = await keep(bench, protocol, set, way);
      demand(
        (await openAccessToken(bench.vault, row)).reveal() === set.accessToken.reveal(),
        'another token is stored',
      );
      const refused = again ? await failureOf(again()) : undefined;
      demand(!again || refused !== undefined, 'the same code was exchanged a second time');
      const second = refused ? `; the same code again is refused (${refused.facts.providerCode ?? refused.code})` : '';
      said.push(`${variant === undefined ? '' : `as ${variant}: `}${exchangeSaid(protocol, asked, set)}${second}`);
    }
    return pass(said.join('; '));
  },
};

/** The client shows itself as the definition says, and in no other way. */
function demandClient({ settings }: Protocol, { headers, body }: Seen): void {
  const form = new URLSearchParams(body);
  const shown = [
    ...(/^basic /i.test(headers.get('authorization') ?? '') ? ['basic'] : []),
    ...(form.has('client_secret') ? ['body'] : []),
  ];
  const wanted = ['basic', 'body'].filter((method) => method === settings.clientAuthentication);
  demand(shown.join() === wanted.join(), `the client was authenticated by ${shown.join(' and ') || 'nothing'}`);
  const verified = form.has('code_verifier');
  if (settings.grant === 'authorization_code')
    demand(verified === settings.pkce, `the PKCE verifier was ${verified ? '' : 'not '}sent`);
}

function exchangeSaid({ settings }: Protocol, { path, body, status }: Seen, set: TokenSet): string {
  const life = set.expiresAt === undefined ? 'that does not expire' : `for ${formatSpan(set.expiresAt - set.issuedAt)}`;
  const grant = new URLSearchParams(body).get('grant_type') ?? 'code';
  return `POST ${path}, ${grant}, client by ${settings.clientAuthentication}: ${status}, an access token ${life}${set.refreshToken ? ' and a refresh token' : ''}`;
}

/** Where there is no exchange: that such a token is kept and taken. */
async function keptToken(bench: Bench): Promise<Finding> {
  const row = await connect(bench);
  const [read] = readsOf(bench.provider);
  const { status } = await ask(bench, row, given(read, 'there is nothing to read'));
  return pass(`no exchange: a token that was made elsewhere is kept, encrypted, and answered with ${status}`);
}
