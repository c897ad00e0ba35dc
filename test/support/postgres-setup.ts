import { connectionSettings } from '../../src/store/postgres/connection-url.ts';
import { PostgresDatabase } from '../../src/store/postgres/database.ts';
import { migrate } from '../../src/store/postgres/migrate.ts';
import { copyOf, TEMPLATES } from './postgres.ts';
import { NO_POSTGRES, postgresPrograms, postgresServer } from './postgres-server.ts';

/** Runs once before all tests: one server for all of them, with databases to copy, whose schema is up to date. */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (!postgresPrograms()) {
    process.stdout.write(`tests of PostgreSQL are skipped: ${NO_POSTGRES}\n`);
    return undefined;
  }
  const server = await postgresServer();
  const admin = database(server.url('postgres'));
  const [first = '', ...others] = TEMPLATES;
  await admin.script(`CREATE DATABASE ${first}`);
  const made = database(server.url(first));
  await migrate(made);
  await made.close();
  for (const name of others) {
    await admin.script(copyOf(first, name));
    const copy = database(server.url(name));
    await copy.run("UPDATE meta SET value = replace(gen_random_uuid()::text, '-', '') WHERE name = 'vault_id'");
    await copy.close();
  }
  await admin.close();
  // The workers get the environment of this process.
  process.env['LWI_TEST_POSTGRES'] = server.url('');
  return () => server.remove();
}

const database = (url: string) => new PostgresDatabase(connectionSettings(url, 'test'));
