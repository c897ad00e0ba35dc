import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import { variableName } from '../../src/oauth/app-credentials.ts';
import type { OAuthTarget } from '../../src/oauth/oauth-target.ts';
import type { TokenSet } from '../../src/oauth/token-set.ts';
import { Secret } from '../../src/secret.ts';
import { readSecret } from './read-secret.ts';

/** A token that was made elsewhere (Slack's install page shows one): from the environment, stdin or a prompt. Never refreshed. */
export async function broughtToken(context: Context, target: OAuthTarget): Promise<TokenSet> {
  const provider = await context.provider(target.provider);
  const accepts = provider.oauth.acceptsPastedToken;
  if (!accepts)
    throw new LwiError('UNSUPPORTED', `${provider.title} does not give out tokens to paste.`, {
      provider: provider.id,
    });
  const variable = variableName(provider.id, 'token');
  const fromEnvironment = context.host.env[variable];
  const token = (fromEnvironment || (await readSecret(context, `Token of ${provider.title}:`, variable))).trim();
  if (!accepts(token)) {
    throw new LwiError('INPUT_INVALID', `This does not look like a token of ${provider.title}.`, {
      provider: provider.id,
    });
  }
  return { accessToken: new Secret(token), tokenType: 'bearer', issuedAt: context.clock.now(), scopes: [], facts: {} };
}
