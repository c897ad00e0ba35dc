import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chownSync,
  closeSync,
  existsSync,
  globSync,
  mkdtempSync,
  openSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/clock.ts';
import type { Certified } from './certificate.ts';
import { freePort } from './free-port.ts';
import { temporaryPlace } from './temporary-place.ts';
import { NOBODY } from './unprivileged.ts';
import { watchman } from './watchman.ts';

/** Why there is none; said by every test that is skipped for it. */
export const NO_POSTGRES = 'PostgreSQL is not installed (Debian: apt-get install postgresql)';

/** A server of its own on a free port of loopback, in a temporary folder, as a user without rights. */
export interface PostgresServer {
  readonly port: number;
  /** Data directory, socket and log. */
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
  /** The address to listen on; default: 127.0.0.1. */
  readonly listen?: string;
  /** Lines of pg_hba.conf that go before "everybody, without a password". */
  readonly hba?: readonly string[];
  /** Settings of postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Key and certificate with which it also speaks TLS. */
  readonly tls?: Certified;
}

/** Where the programs of the newest installed server are, or of the one in LWI_TEST_POSTGRES_BIN; undefined: nowhere. */
export function postgresPrograms(): string | undefined {
  const chosen = process.env['LWI_TEST_POSTGRES_BIN'];
  if (chosen !== undefined) return existsSync(join(chosen, 'initdb')) ? chosen : undefined;
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
  // A crash leaves other shared memory behind in /dev/shm; files in the folder go with it.
  dynamic_shared_memory_type: 'mmap',
  ...{ shared_buffers: '64MB', jit: 'off', log_checkpoints: 'off', max_wal_size: '256MB' },
};

const LOOPBACK = '127.0.0.1';

/** How long a server may take until it listens, ms. */
const START_MS = 20_000;

/** Ends the server in this folder and takes the folder away. */
const CLEAN_UP = `n=0
p=$(head -n 1 "$0/data/postmaster.pid" 2>/dev/null) && kill -QUIT "$p" &&
  while [ -e "$0/data/postmaster.pid" ] && [ $n -lt 250 ]; do n=$((n + 1)); sleep 0.02; done
rm -rf "$0"`;

/** Makes a server and starts it. Throws where there is none to start: see `postgresPrograms`. */
export async function postgresServer({
  listen = LOOPBACK,
  hba = [],
  settings = {},
  tls,
}: ServerOptions = {}): Promise<PostgresServer> {
  const programs = postgresPrograms();
  if (!programs) throw new Error(NO_POSTGRES);
  const folder = mkdtempSync(join(temporaryPlace().TMPDIR ?? tmpdir(), 'lwi-pg-'));
  const { dismiss } = watchman(CLEAN_UP, folder);
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
    ...(tls ? { ssl: 'on' } : {}),
    ...settings,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name} = '${value}'\n`);
  writeFileSync(join(data, 'postgresql.auto.conf'), lines.join(''));
  writeFileSync(
    join(data, 'pg_hba.conf'),
    [...hba, 'local all all trust', 'host all all 0.0.0.0/0 trust', ''].join('\n'),
  );
  if (tls) {
    for (const [name, text] of [['server.crt', tls.cert] as const, ['server.key', tls.key] as const]) {
      writeFileSync(join(data, name), text, { mode: 0o600 });
      if (root) chownSync(join(data, name), NOBODY, NOBODY);
    }
  }
  let running: ChildProcess | undefined;

  async function start(): Promise<void> {
    const log = openSync(join(folder, 'log'), 'a');
    const starting = spawn(join(programs ?? '', 'postgres'), ['-D', data], {
      ...as,
      cwd: folder,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    starting.unref();
    running = starting;
    const latest = systemClock.now() + START_MS;
    while (!ready()) {
      const over = starting.exitCode !== null || starting.signalCode !== null;
      if (over || systemClock.now() > latest) throw new Error(readFileSync(join(folder, 'log'), 'utf8'));
      await systemClock.sleep(10);
    }
  }

  /** The eighth line of this file tells it, as pg_ctl reads it (https://github.com/postgres/postgres/blob/master/src/include/utils/pidfile.h). */
  function ready(): boolean {
    try {
      const [pid, ...rest] = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
      return Number(pid) === running?.pid && rest[6]?.trim() === 'ready';
    } catch {
      return false;
    }
  }

  async function stop(how: 'fast' | 'immediate' = 'fast'): Promise<void> {
    const stopping = running;
    running = undefined;
    if (!stopping || stopping.exitCode !== null || stopping.signalCode !== null) return;
    const exited = new Promise((resolve) => stopping.once('exit', resolve));
    stopping.kill(how === 'fast' ? 'SIGINT' : 'SIGQUIT');
    stopping.ref();
    await exited;
  }

  await start();
  return {
    ...{ port, folder, start, stop },
    url: (database) =>
      `postgres://postgres@${listen}:${port}/${database}${listen === LOOPBACK ? '' : '?sslmode=disable'}`,
    remove: async () => {
      await stop('immediate');
      await dismiss();
    },
  };
}
