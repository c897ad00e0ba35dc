import type { Provider } from '../provider.ts';
import { api } from './api.ts';
import { channels } from './channels.ts';
import { classify } from './classify.ts';
import { faultCodes } from './fault-codes.ts';
import { limits, limitsFor } from './limits.ts';
import { members } from './members.ts';
import { messages } from './messages.ts';
import { environments, oauth } from './oauth.ts';
import { users } from './users.ts';
import { webhook } from './webhook.ts';

/** Slack: one workspace (or organization) for each connection, read by a bot token or a user token. */
export const slack: Provider = {
  id: 'slack',
  title: 'Slack',
  environments,
  oauth,
  api,
  limits,
  limitsFor,
  classify,
  faultCodes,
  streams: [users, channels, members, messages],
  webhook,
  // xoxb- bot, xoxp- user, xoxe.xox?- rotating, xoxe- refresh, xapp- app level (docs.slack.dev, tokens).
  redact: [/\b(?:xoxe\.)?(?:xox[a-z]|xapp)-[\w-]{4,}/g],
};
