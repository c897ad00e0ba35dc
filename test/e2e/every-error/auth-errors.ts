import type { ErrorCode } from '../../../src/errors.ts';
import { openScenario, visit } from '../../support/scenario.ts';
import { ageTokens } from '../../support/store-file.ts';
import { connected, failing, type Provocation } from './provocation.ts';

const HOURS_MS = 7_200_000;
/** Without the word that `connect` of a scenario gives. */
const behind = (words: readonly string[]) => words.filter((word) => word !== 'connect');

export const AUTH_ERRORS = {
  NOT_CONNECTED: async () => {
    const lwi = await openScenario();
    // What the command line said about the place holds for the command of the hint.
    const words = ['token', 'get', 'mycarrierpackets', '-a', 'north', '--home', lwi.home];
    return { lwi, words, hint: /^Run `lwi connect mycarrierpackets -a north --home \S+`\.$/ };
  },
  RECONNECT_REQUIRED: async () => {
    const lwi = await connected();
    ageTokens(lwi.home, HOURS_MS);
    await lwi.control('revoke?provider=quickbooks');
    return {
      lwi,
      words: ['token', 'get', 'quickbooks'],
      hint: /^Run `lwi connect quickbooks --env mock -a default`\.$/,
    };
  },
  CONSENT_REFUSED: async () => {
    const lwi = await openScenario();
    const run = (words: readonly string[]) => lwi.connect(behind(words), { deny: true });
    const again = () => lwi.run(['token', 'get', 'quickbooks']);
    return { lwi, words: ['connect', 'quickbooks'], run, hint: /`lwi connect quickbooks` and approve/, again };
  },
  CONNECT_TIMEOUT: async () => {
    const lwi = await openScenario();
    const words = ['connect', 'quickbooks', '--no-browser', '--timeout', '1'];
    return {
      lwi,
      words,
      hint: /`lwi connect quickbooks` again, with a longer --timeout/,
      again: () => lwi.run(['token', 'get', 'quickbooks']),
    };
  },
  LOGIN_REJECTED: async () => {
    const lwi = await openScenario();
    const env = { LWI_MYCARRIERPACKETS_USERNAME: 'broker@example.com', LWI_MYCARRIERPACKETS_PASSWORD: 'wrong' };
    const changed = () => ({ env: { ...env, LWI_MYCARRIERPACKETS_PASSWORD: 'right' } });
    return { lwi, words: ['connect', 'mycarrierpackets'], env, hint: /`lwi connect mycarrierpackets`/, changed };
  },
  CLIENT_REJECTED: async () => {
    const lwi = await openScenario();
    const env = { LWI_QUICKBOOKS_CLIENT_ID: 'app', LWI_QUICKBOOKS_CLIENT_SECRET: 'wrong-secret' };
    const right = { ...env, LWI_QUICKBOOKS_CLIENT_SECRET: 'app-secret' };
    return {
      ...{ lwi, words: ['connect', 'quickbooks'], hint: /`lwi connect quickbooks`/, changed: () => ({ env: right }) },
      run: (words) => lwi.connect(behind(words), { env }),
      again: () => lwi.connect(['quickbooks'], { env: right }),
    };
  },
  GRANT_REJECTED: async () => {
    const lwi = await openScenario();
    // What a provider sends to the browser that is asked for a scope it does not know (RFC 6749, 4.1.2.1).
    const run = async (words: readonly string[]) => {
      const running = await lwi.startConnect(behind(words));
      const asked = new URL(running.address).searchParams;
      const answer = new URLSearchParams({ error: 'invalid_scope', state: asked.get('state') ?? '' });
      await visit(`${asked.get('redirect_uri')}?${answer}`);
      return running.ended;
    };
    const again = () => lwi.run(['token', 'get', 'quickbooks']);
    return { lwi, words: ['connect', 'quickbooks'], run, hint: /`lwi connect quickbooks` again/, again };
  },
  UNAUTHORIZED: failing('401', /^Run `lwi token inspect quickbooks`, then `lwi connect quickbooks`\.$/),
} satisfies Partial<Record<ErrorCode, Provocation>>;
