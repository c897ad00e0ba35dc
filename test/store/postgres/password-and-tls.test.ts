import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { LwiError } from '../../../src/errors.ts';
import { connectionSettings } from '../../../src/store/postgres/connection-url.ts';
import { PostgresDatabase } from '../../../src/store/postgres/database.ts';
import { certificate } from '../../support/certificate.ts';
import { needsPostgres, POSTGRES } from '../../support/postgres.ts';
import { type PostgresServer, postgresServer } from '../../support/postgres-server.ts';
import { NOBODY } from '../../support/unprivileged.ts';

const SECRET = 'planted:pa55\\word';
const DAY = 86_400_000;

describe('a server with TLS and passwords', () => {
  beforeEach(needsPostgres);

  let server: PostgresServer;
  let folder = '';
  const file = (name: string, text: string, mode = 0o600) => {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), mode);
    return join(folder, name);
  };

  beforeAll(async () => {
    if (POSTGRES === undefined) return;
    folder = mkdtempSync(join(tmpdir(), 'lwi-tls-'));
    chmodSync(folder, 0o755);
    const now = systemClock.now();
    const { key, cert } = certificate({ host: '127.0.0.1', from: now - DAY, until: now + DAY });
    file('ca.pem', cert, 0o644);
    file('other.pem', certificate({ host: '127.0.0.1', from: now - DAY, until: now + DAY }).cert, 0o644);
    const keyFile = file('key.pem', key, 0o640);
    if (process.getuid?.() === 0) chownSync(keyFile, 0, NOBODY);
    else chmodSync(keyFile, 0o600);
    server = await postgresServer({
      hba: [
        'hostnossl all bare 127.0.0.1/32 trust',
        'hostnossl all worker 127.0.0.1/32 reject',
        'host all worker 127.0.0.1/32 scram-sha-256',
      ],
      settings: { ssl: 'on', ssl_cert_file: join(folder, 'ca.pem'), ssl_key_file: keyFile },
    });
    const admin = new PostgresDatabase(connectionSettings(server.url('postgres'), 'test'));
    await admin.script(
      `CREATE ROLE worker LOGIN PASSWORD '${SECRET.replaceAll('\\', '\\\\')}'`.replace("'planted", "E'planted"),
    );
    await admin.close();
  });

  afterAll(async () => {
    await server?.remove();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  /** What the server says of the connection, or the error. */
  async function asked(
    url: string,
    environment: Record<string, string> = {},
    source = 'LWI_DATABASE_URL',
  ): Promise<string> {
    const settings = connectionSettings(url, source, { environment, homedir: () => folder });
    const db = new PostgresDatabase(settings);
    try {
      const row = await db.row<{ user: string; ssl: boolean }>(
        'SELECT usename AS user, ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE pid = pg_backend_pid()',
      );
      return `${row?.user} ${row?.ssl ? 'by TLS' : 'plain'}`;
    } catch (error) {
      if (!(error instanceof LwiError)) throw error;
      expect(`${inspect(error)} ${error.hint}`).not.toContain('pa55');
      return `${error.code}: ${error.message} ${error.hint}`;
    } finally {
      await db.close();
    }
  }

  const at = (user: string, host: string, parameters: string) =>
    `postgres://${user}@${host}:${server.port}/postgres?${parameters}`;
  const ca = (name: string) => `sslrootcert=${encodeURIComponent(join(folder, name))}`;

  test('TLS is checked as far as the mode says', async () => {
    const [full, right] = ['sslmode=verify-full', '127.0.0.1'];
    expect(await asked(at('postgres', right, `${full}&${ca('ca.pem')}`))).toBe('postgres by TLS');
    expect(await asked(at('postgres', 'localhost', `sslmode=verify-ca&${ca('ca.pem')}`))).toBe('postgres by TLS');
    expect(await asked(at('postgres', right, 'sslmode=require'))).toBe('postgres by TLS');
    expect(await asked(at('bare', right, 'sslmode=disable'))).toContain('STORE_REFUSED');
    expect(await asked(at('postgres', right, 'sslmode=disable'))).toBe('postgres plain');
    const uncertain =
      /^STORE_REFUSED: postgres:\/\/postgres@.*: nobody vouches that the database .* \(\w+\) .*sslrootcert/;
    expect(await asked(at('postgres', 'localhost', `${full}&${ca('ca.pem')}`))).toMatch(uncertain);
    expect(await asked(at('postgres', right, `${full}&${ca('other.pem')}`))).toMatch(uncertain);
    expect(await asked(at('postgres', right, `sslmode=verify-ca&${ca('other.pem')}`))).toMatch(uncertain);
    // As libpq has it, an authority that is named is looked at in this mode too.
    expect(await asked(at('postgres', right, `sslmode=require&${ca('other.pem')}`))).toMatch(uncertain);
    expect(await asked(at('postgres', right, full))).toMatch(uncertain);
    expect(await asked(at('worker', right, 'sslmode=disable'))).toMatch(/STORE_REFUSED.*pg_hba\.conf rejects/);
    const mute = POSTGRES ?? '';
    expect(await asked(`${mute}postgres?sslmode=require`, {}, '`database` in x.json')).toMatch(
      /write `sslmode=disable` into `database` in x\.json\.$/,
    );
    expect(await asked(`${mute}postgres?${full}`)).toMatch(/^STORE_REFUSED: .*does not speak TLS .*`ssl = on`/);
  });

  test('the password comes from the URL, PGPASSWORD or a file, and from nowhere else', async () => {
    const safe = `sslmode=verify-full&${ca('ca.pem')}`;
    const url = at('worker', '127.0.0.1', safe);
    const entry = (password: string) => `# one a line\nother:*:*:*:no\n*:${server.port}:postgres:worker:${password}\n`;
    const pass = file('pass', entry('planted\\:pa55\\\\word'));
    const given = at(`worker:${encodeURIComponent(SECRET)}`, '127.0.0.1', safe);
    expect(await asked(given, { PGPASSWORD: 'wrong' })).toBe('worker by TLS');
    expect(await asked(url, { PGPASSWORD: SECRET, PGPASSFILE: '/nowhere' })).toBe('worker by TLS');
    expect(await asked(url, { PGPASSFILE: pass })).toBe('worker by TLS');
    expect(await asked(url)).toMatch(/STORE_REFUSED: .*asks for a password, and nobody gives one.*PGPASSFILE/);
    file('.pgpass', entry('planted\\:pa55\\\\word'));
    expect(await asked(url)).toBe('worker by TLS');
    chmodSync(join(folder, '.pgpass'), 0o644);
    expect(await asked(url)).toMatch(/STORE_REFUSED: .*\.pgpass is open to others \(mode 0644\)\. Run `chmod 600/);
    expect(await asked(url, { PGPASSWORD: 'wrong-pa55' })).toMatch(
      /STORE_REFUSED: .*authentication failed for user "worker" \(28P01\) Check user and database in LWI_DATABASE_URL, and the password in PGPASSWORD\.$/,
    );
    expect(await asked(at('worker:wrong-pa55', '127.0.0.1', safe), {}, '--to')).toMatch(
      / Check user, password and database in --to\.$/,
    );
    expect(await asked(url, { PGPASSFILE: file('other', entry('wrong-pa55')) })).toMatch(
      / Check user and database in LWI_DATABASE_URL, and the password in \/.*\/other\.$/,
    );
    expect(await asked(at('postgres', '127.0.0.1', 'options=-c%20nonsense%3D1'))).toMatch(/STORE_|unrecognized/);
  });
});
