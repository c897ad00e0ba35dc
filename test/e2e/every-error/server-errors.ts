import { randomBytes } from 'node:crypto';
import { connect, createServer } from 'node:net';
import { pipeline } from 'node:stream';
import { onTestFinished } from 'vitest';
import type { ErrorCode } from '../../../src/errors.ts';
import { freePort } from '../../support/free-port.ts';
import { freshDatabase, onDatabase } from '../../support/postgres.ts';
import { openScenario } from '../../support/scenario.ts';
import type { Provocation } from './provocation.ts';

const SET = { words: ['secret', 'set', 'slack', 'webhook-secret'], stdin: 'a-value' };
const LIST = ['secret', 'list'];

/** Trouble with a database on a server. */
export const SERVER_ERRORS = {
  STORE_AWAY: async () => {
    const url = new URL((await freshDatabase()).url);
    const { hostname, port } = url;
    url.port = String(await freePort());
    // In its place stands what hands everything on.
    const heal = async () => {
      const started = createServer((socket) => {
        const server = connect(Number(port), hostname);
        // The database is taken away while somebody may still be connected.
        pipeline(socket, server, socket, () => {});
      });
      onTestFinished(() => void started.close());
      await new Promise<void>((resolve) => started.listen(Number(url.port), hostname, resolve));
    };
    return {
      lwi: await openScenario(),
      words: LIST,
      env: { LWI_DATABASE_URL: url.href },
      hint: /^Start the database/,
      heal,
    };
  },
  STORE_REFUSED: async () => {
    const { url } = await freshDatabase();
    const env = { LWI_DATABASE_URL: `${url}_not_there` };
    const changed = () => ({ env: { LWI_DATABASE_URL: url } });
    return { lwi: await openScenario(), words: LIST, env, hint: /^Check /, changed };
  },
  STORE_OUTDATED: async () => {
    const [lwi, { url }] = [await openScenario(), await freshDatabase({ empty: true })];
    const role = await workingRole(url);
    const env = { LWI_DATABASE_URL: url.replace('postgres@', `${role}@`) };
    const owner = { env: { LWI_DATABASE_URL: url } };
    const heal = async () => void (await lwi.json(['store', 'migrate', '--grant-to', role], owner));
    return { lwi, ...SET, env, hint: /run `lwi store migrate --grant-to <role>`/, heal };
  },
} satisfies Partial<Record<ErrorCode, Provocation>>;

/** A role that may do nothing yet. */
async function workingRole(url: string): Promise<string> {
  const role = `worker_${randomBytes(4).toString('hex')}`;
  await onDatabase(url, (db) => db.script(`CREATE ROLE ${role} LOGIN`));
  onTestFinished(() => onDatabase(url, (db) => db.script(`DROP OWNED BY ${role}; DROP ROLE ${role}`)));
  return role;
}
