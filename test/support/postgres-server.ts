import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/clock.ts';
import { freePort } from './free-port.ts';
import { temporaryPlace } from './temporary-place.ts';
import { NOBODY } from './unprivileged.ts';

/** Why there is none; said by every test that is skipped for it. */
export const NO_POSTGRES = 'PostgreSQL is not installed (Debian: apt-get install postgresql)';

/** A server of its own on a free port of loopback, in a temporary folder, as a user without rights. */
export interface PostgresServer {
  readonly port: number;
  /** Data directory and socket. */
  readonly folder: string;
  /** `postgres://…` of a superuser, for this database. */
  url(database: string): string;
  /** Starts it again after a stop. */
  start(): Promise<void>;
  /** `fast` ends all sessions first; `immediate` is a crash. */
  stop(how?: 'fast' | 'immediate'): Promise<void>;
  /** Stops it and takes its folder away. */
  remove(): Promise<void>;
}

export interface ServerOptions {
  /** Addresses to listen on; default: 127.0.0.1. */
  readonly listen?: string;
  /** Lines of pg_hba.conf that go before "everybody, without a password". */
  readonly hba?: readonly string[];
  /** Settings of postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Where the programs of the newest installed server are; undefined: nowhere. */
export function postgresPrograms(): string | undefined {
  const found = globSync('/usr/lib/postgresql/*/bin/initdb').toSorted((a, b) => versionOf(b) - versionOf(a))[0];
  if (found) return join(found, '..');
  const { stdout, status } = spawnSync('pg_config', ['--bindir'], { encoding: 'utf8' });
  const folder = status === 0 ? stdout.trim() : undefined;
  return folder && existsSync(join(folder, 'initdb')) ? folder : undefined;
}

const versionOf = (path: string) => Number(/postgresql\/(\d+)/.exec(path)?.[1] ?? 0);

/** No power is taken away from tests, so that nothing has to reach a disk. */
const SETTINGS = {
  ...{ fsync: 'off', full_page_writes: 'off', wal_level: 'minimal', max_wal_senders: '0', max_connections: '300' },
  ...{ shared_buffers: '64MB', jit: 'off', log_min_messages: 'error', max_wal_size: '256MB' },
};

/** Makes a server and starts it. Throws where there is none to start: see `postgresPrograms`. */
export async function postgresServer({
  listen = '127.0.0.1',
  hba = [],
  settings = {},
}: ServerOptions = {}): Promise<PostgresServer> {
  const programs = postgresPrograms();
  if (!programs) throw new Error(NO_POSTGRES);
  const folder = mkdtempSync(join(temporaryPlace().TMPDIR ?? tmpdir(), 'lwi-pg-'));
  const root = process.getuid?.() === 0;
  // PostgreSQL refuses to run as root.
  const as = root ? { uid: NOBODY, gid: NOBODY } : {};
  if (root) chownSync(folder, NOBODY, NOBODY);
  const data = join(folder, 'data');
  const made = spawnSync(
    join(programs, 'initdb'),
    ['-D', data, '-U', 'postgres', '--auth=trust', '--no-sync', '--encoding=UTF8', '--locale=C'],
    { ...as, cwd: folder, encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
  const port = await freePort();
  const all = {
    ...SETTINGS,
    listen_addresses: listen,
    port: String(port),
    unix_socket_directories: folder,
    ...settings,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name} = '${value}'\n`);
  writeFileSync(join(data, 'postgresql.auto.conf'), lines.join(''));
  writeFileSync(
    join(data, 'pg_hba.conf'),
    [...hba, 'local all all trust', 'host all all 0.0.0.0/0 trust', ''].join('\n'),
  );
  let running: ChildProcess | undefined;

  async function start(): Promise<void> {
    running = spawn(join(programs ?? '', 'postgres'), ['-D', data], {
      ...as,
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const ended = new Promise<never>((_, reject) => {
      running?.once('exit', (code) => reject(new Error(`postgres ended with ${code}`)));
    });
    ended.catch(() => {});
    while (!(await Promise.race([ready(), ended]))) await systemClock.sleep(20);
  }

  const ready = async () => {
    const asked = spawn(join(programs, 'pg_isready'), ['-q', '-h', folder, '-p', String(port)]);
    return (await new Promise((resolve) => asked.once('exit', resolve))) === 0;
  };

  async function stop(how: 'fast' | 'immediate' = 'fast'): Promise<void> {
    const stopping = running;
    running = undefined;
    if (!stopping || stopping.exitCode !== null) return;
    const exited = new Promise((resolve) => stopping.once('exit', resolve));
    stopping.kill(how === 'fast' ? 'SIGINT' : 'SIGQUIT');
    await exited;
  }

  await start();
  return {
    ...{ port, folder, start, stop },
    url: (database) => `postgres://postgres@127.0.0.1:${port}/${database}`,
    remove: async () => {
      await stop('immediate');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
