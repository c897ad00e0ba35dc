import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { queryStore } from '../support/store-file.ts';
import { thorough } from '../support/thorough.ts';

const CHILD = fileURLToPath(new URL('../oauth/refresh-child.ts', import.meta.url));
const TOKEN_ENDPOINT = 'POST /quickbooks/oauth2/v1/tokens/bearer';
const REFRESHES = thorough(100, 1000);
const PROCESSES = 8;
/** Chance of a kill at each step of a refresh before its request is sent: some seven in the whole run, each of which is waited for. */
const CHANCE = String(1 / REFRESHES);
/** A short term, so that the wait for the dead is short, yet long against a pause of a busy machine, ms. */
const TERM = '5000';

/** Refreshes again and again in one process, and in another one when it was killed, until `enough`. Resolves to the number of kills. */
async function refreshUntil(enough: () => Promise<boolean>, lwi: Scenario): Promise<number> {
  let kills = 0;
  while (!(await enough())) {
    const ended = await new Promise<{ signal: NodeJS.Signals | null; code: number | null }>((resolve) => {
      spawn(process.execPath, [CHILD, 'often', '50', CHANCE, TERM], {
        env: lwi.env,
        stdio: ['ignore', 'ignore', 'inherit'],
      }).on('close', (code, signal) => resolve({ code, signal }));
    });
    if (ended.signal === 'SIGKILL') kills += 1;
    else expect(ended).toEqual({ code: 0, signal: null });
  }
  return kills;
}

test(`${REFRESHES} refreshes by eight processes that are killed at random leave the connection alive`, {
  timeout: 300_000,
}, async () => {
  // Each refresh brings another refresh token, and an old one that comes back ends the grant.
  const lwi = await openScenario({ rotateAlways: true });
  await lwi.connected(['quickbooks']);
  const enough = async () => ((await lwi.requests())[TOKEN_ENDPOINT] ?? 0) > REFRESHES;
  const kills = await Promise.all(Array.from({ length: PROCESSES }, () => refreshUntil(enough, lwi)));
  // The last one killed may have left its lease and its note.
  expect((await lwi.run(['token', 'refresh', 'quickbooks', '--force'])).code).toBe(0);
  const [row] = queryStore(
    lwi.home,
    'SELECT state, refresh_count AS refreshes, rotation_owner AS note FROM oauth_tokens',
  );
  // One request at the token endpoint for each refresh, and that of connect.
  const asked = (await lwi.requests())[TOKEN_ENDPOINT] ?? 0;
  expect(row).toEqual({ state: 'active', refreshes: asked - 1, note: null });
  expect(kills.reduce((sum, each) => sum + each)).toBeGreaterThan(0);
  expect((await lwi.run(['api', 'quickbooks', '/query', '--query', 'query=select count(*) from Item'])).code).toBe(0);
});
