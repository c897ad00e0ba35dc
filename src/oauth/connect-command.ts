import { accountOption } from '../errors.ts';
import type { Provider } from '../providers/provider.ts';
import type { ConnectionRow } from '../store/store.ts';

/** The command that connects the same thing again, in backquotes: provider, kind, environment and account. */
export function connectCommand({
  provider,
  variant,
  env,
  account,
}: Pick<ConnectionRow, 'provider' | 'variant' | 'env' | 'account'>): string {
  const kind = variant === undefined ? '' : ` --as ${variant}`;
  const where = env === 'production' ? '' : ` --env ${env}`;
  return `\`lwi connect ${provider}${kind}${where} -a ${account}\``;
}

/** The command to run when `account` has been connected; a provider without streams has nothing to pull. */
export function commandAfter({ id, streams }: Provider, account: string | undefined): string {
  return (streams.length > 0 ? `lwi sync ${id}` : 'lwi status') + accountOption(account);
}
