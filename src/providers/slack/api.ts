import type { ApiSettings } from '../api-settings.ts';
import { asObject, asText, defined } from '../json-value.ts';
import type { GrantFacts } from '../oauth-settings.ts';
import { methodOf } from './limits.ts';
import { nextPage } from './next-page.ts';

/** Slack's Web API: one path for each method, GET or POST form, no versions (docs.slack.dev). */
export const api: ApiSettings = {
  headers: { accept: 'application/json' },
  query: {},
  probe: { method: 'GET', path: '/auth.test' },
  requestIdHeader: 'x-slack-req-id',

  /** `auth.test` says whose token it is, which is all there is to know of a pasted one. */
  nameFromProbe(body) {
    const { team_id, enterprise_id, team, user_id } = asObject(body);
    return defined<GrantFacts>({
      externalId: asText(team_id) ?? asText(enterprise_id),
      externalName: asText(team),
      externalUserId: asText(user_id),
    });
  },

  resolvePath: (path) => (path.startsWith('/') ? path : `/${path}`),

  /** Methods are read or write by their name, whatever the HTTP method. */
  repeatable: (_method, path) => /\.(list|info|history|replies|members|test|get)$/.test(methodOf(path)),

  nextPage,
};
