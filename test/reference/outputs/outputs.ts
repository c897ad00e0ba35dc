import { CHECK_OUTPUTS } from './checks.ts';
import { CONNECTION_OUTPUTS } from './connections.ts';
import { HELP_OUTPUTS } from './help.ts';
import { KEY_OUTPUTS } from './keys.ts';
import { LIMIT_OUTPUTS } from './limits.ts';
import { PROVIDER_OUTPUTS } from './providers.ts';
import { RECORD_OUTPUTS } from './records.ts';
import { STORE_COPY_OUTPUTS } from './store-copies.ts';
import { STORE_OUTPUTS } from './stores.ts';
import { TRYING_OUTPUTS } from './trying.ts';
import { WEBHOOK_OUTPUTS } from './webhooks.ts';
import type { Output } from './words.ts';

/** What each command writes to stdout under `--json`, by its words without `lwi`. */
export const OUTPUTS: Readonly<Record<string, readonly Output[]>> = {
  ...{ ...CONNECTION_OUTPUTS, ...RECORD_OUTPUTS, ...LIMIT_OUTPUTS, ...WEBHOOK_OUTPUTS },
  ...{ ...PROVIDER_OUTPUTS, ...KEY_OUTPUTS, ...STORE_OUTPUTS, ...TRYING_OUTPUTS, ...HELP_OUTPUTS, ...CHECK_OUTPUTS },
  ...STORE_COPY_OUTPUTS,
};

/** Commands that have no output of their own, and why. */
export const WITHOUT_OUTPUT: Readonly<Record<string, string>> = {
  api: 'writes what the provider answers',
  exec: 'becomes the program that it is given',
};
