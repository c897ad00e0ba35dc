import type { Terminal } from '../../src/terminal.ts';
import type { receiving } from './receiving.ts';

/**
 * Warns of each connected provider of whose webhooks no secret is known; gives all that are connected. Trouble with the vault ends the command here, before
 * anything is refused for it. `beside` is what goes on all the same.
 */
export async function warnOfMissingSecrets(
  { warn }: Pick<Terminal, 'warn'>,
  { known, rows, signers }: Pick<Awaited<ReturnType<typeof receiving>>, 'known' | 'rows' | 'signers'>,
  beside = '',
): Promise<readonly string[]> {
  const connected = [...new Set((await rows()).map(({ provider }) => provider))];
  for (const id of connected) {
    if (!known.get(id)?.webhook || (await signers(id, undefined)).length > 0) continue;
    warn(
      `${id}: no webhook secret is known, so its deliveries are refused${beside}. Run \`lwi secret set ${id} webhook-secret\`.`,
    );
  }
  return connected;
}
