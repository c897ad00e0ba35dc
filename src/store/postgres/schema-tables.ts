import { MIGRATIONS } from './migrations.ts';

/** Names of the tables that the schema has at `version`, in the order in which they are made. No migration takes one away yet. */
export function schemaTables(version = MIGRATIONS.length): readonly string[] {
  const made = MIGRATIONS.slice(0, version).flatMap(({ sql }) => [
    ...sql.matchAll(/^CREATE (?:UNLOGGED )?TABLE (\w+)/gm),
  ]);
  return ['schema_version', ...made.map(([, name = '']) => name)];
}
