import { connectionSettings } from '../../src/store/postgres/connection-url.ts';
import { PostgresDatabase } from '../../src/store/postgres/database.ts';
import { migrate } from '../../src/store/postgres/migrate.ts';
import { TEMPLATE } from './postgres.ts';
import { NO_POSTGRES, postgresPrograms, postgresServer } from './postgres-server.ts';

/** Runs once before all tests: one server for all of them, with a database to copy, whose schema is up to date. */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (!postgresPrograms()) {
    process.stdout.write(`tests of PostgreSQL are skipped: ${NO_POSTGRES}\n`);
    return undefined;
  }
  const server = await postgresServer();
  const admin = new PostgresDatabase(connectionSettings(server.url('postgres'), 'test'));
  await admin.script(`CREATE DATABASE ${TEMPLATE}`);
  await admin.close();
  const template = new PostgresDatabase(connectionSettings(server.url(TEMPLATE), 'test'));
  await migrate(template);
  await template.close();
  // The workers get the environment of this process.
  process.env['LWI_TEST_POSTGRES'] = server.url('');
  return () => server.remove();
}
