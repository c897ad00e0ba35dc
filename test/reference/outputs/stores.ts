import * as w from './words.ts';

const server = w.object(
  {
    protection: w.oneOf(['none', 'encrypted', 'verify-ca', 'verify-full'], 'how the way to it is kept from others'),
    tls: w.maybe(w.text('protocol and cipher')),
    role: w.text('the role that works'),
    rights: w.oneOf(
      ['superuser', 'owner', 'worker', 'none'],
      '`owner`: also changes the schema; `worker`: rows and views alone',
    ),
    standby: w.flag('whether it takes no changes, because it follows another one'),
    behindMs: w.maybe(w.ms('how far a standby is behind')),
    followers: w.whole('servers that follow this one, as far as the role may see them'),
    clockAheadMs: w.number('how far its clock is ahead of that of this machine, ms; 0 where both may agree'),
    maxConnections: w.whole('what it takes in all'),
    connections: w.list(
      w.object({
        application: w.text('name that the program gives itself'),
        host: w.text('address, or `local`'),
        open: w.whole('connections'),
        busy: w.whole('of these, those that run a statement or keep a transaction open'),
      }),
      'connections to this database, this one included',
    ),
    waiting: w.list(
      w.object({
        pid: w.whole('process of the session on the server'),
        host: w.text('address, or `local`'),
        waitsMs: w.ms('how long it has waited for a lock'),
        blockedBy: w.list(w.whole('a process'), 'sessions that hold what it waits for'),
      }),
      'sessions that wait for a lock',
    ),
  },
  'absent for a file',
);

/** Commands about the database itself. */
export const STORE_OUTPUTS: Readonly<Record<string, readonly w.Output[]>> = {
  'store status': [
    w.document(
      'always',
      w.object({
        engine: w.text('engine and version'),
        place: w.text('path of the file, or URL without password and parameters'),
        sizeBytes: w.whole('of the database'),
        state: w.oneOf(['current', 'outdated', 'too-new', 'absent'], 'of the schema, for this lwi'),
        schemaVersion: w.whole('0: there is none'),
        neededVersion: w.whole('that of this lwi'),
        compatibleWith: w.whole('oldest version whose programs may use it'),
        tables: w.list(
          w.object({
            name: w.text('name of the table'),
            rows: w.whole('rows; of a server: about'),
            bytes: w.maybe(w.whole('with indexes; of a server')),
          }),
          'the larger ones first',
        ),
        server: w.maybe(server),
      }),
    ),
  ],
  'store migrate': [
    w.document(
      'always',
      w.object({
        place: w.text('path of the file, or URL without password and parameters'),
        from: w.whole('version before; 0: none'),
        to: w.whole('version now, or after it were done'),
        grantedTo: w.texts('roles that may work with the tables'),
        sql: w.maybe(w.text('with `--dry-run`, of a server: what would be run')),
      }),
    ),
  ],
};
