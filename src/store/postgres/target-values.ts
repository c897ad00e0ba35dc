import type { SyncTarget } from '../sync-tables.ts';
import { toStored } from './stored-text.ts';

/** Where records belong, as the first three values of a statement. The name of a company comes from outside. */
export const targetValues = ({ account, provider, externalId }: SyncTarget): [string, string, string] => [
  toStored(account),
  toStored(provider),
  toStored(externalId),
];

/** These three in a statement. */
export const OF_TARGET = 'account_id = $1 AND provider = $2 AND external_id = $3';
