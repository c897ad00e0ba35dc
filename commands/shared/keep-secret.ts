import type { ConnectionKey } from '../../src/connection.ts';
import type { Context } from '../../src/context.ts';
import { Secret } from '../../src/secret.ts';

/** Seals a named secret of a provider for the account and stores it. Returns its fingerprint. */
export async function keepSecret(
  context: Context,
  { account, provider }: ConnectionKey,
  name: string,
  value: string,
): Promise<string> {
  const vault = await context.vault();
  const sealed = await vault.seal(value, { account, provider, column: 'secret', row: name });
  const fingerprint = new Secret(value).fingerprint();
  await (await context.store()).putSecret(
    { account, provider, name },
    { sealed, fingerprint, updatedAt: context.clock.now() },
  );
  return fingerprint;
}
