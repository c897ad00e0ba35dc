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
