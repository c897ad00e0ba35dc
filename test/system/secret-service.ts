import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, execPath, platform } from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const CHILD = fileURLToPath(new URL('keychain-child.ts', import.meta.url));

/** A session bus that starts nothing by itself, so that a service is there only if a test starts it. */
const BUS = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>`;

/** What lwi's keychain tests need and this machine lacks, in words; undefined when all is here. */
export function missingPrerequisite(): string | undefined {
  if (platform !== 'linux') return 'the secret service exists on Linux only';
  for (const command of ['dbus-run-session', 'dbus-send', 'gnome-keyring-daemon', 'secret-tool']) {
    try {
      execFileSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' });
    } catch {
      return `${command} is not installed (Debian: apt-get install dbus gnome-keyring libsecret-1-0 libsecret-tools)`;
    }
  }
  try {
    createRequire(import.meta.url)('keytar');
  } catch {
    return 'keytar does not load: libsecret is not installed (Debian: apt-get install libsecret-1-0)';
  }
  return undefined;
}

/** What a process did: the JSON it printed, its exit code, and how long it took until it was gone, ms. */
export interface Ran {
  readonly said: unknown;
  readonly code: number | null;
  readonly ms: number;
}

/** A throw-away desktop session: home, runtime directory, bus. */
export interface Session {
  readonly home: string;
  /** The variables through which a process finds the bus, and nothing else of the session. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Runs keychain-child.ts in the session. */
  run(args: readonly string[], change?: NodeJS.ProcessEnv): Promise<Ran>;
  /** Starts gnome-keyring with its login keyring unlocked by `password`, and waits until it answers. */
  startKeyring(password: string): Promise<ChildProcess>;
  /** Ends the service and waits for it. */
  stopKeyring(keyring: ChildProcess): Promise<void>;
  /** Locks every collection. */
  lock(): void;
  /** Runs secret-tool, a program that knows nothing of lwi; what it printed, empty when it found nothing. */
  secretTool(args: readonly string[], input?: string): string;
}

/** Opens a session that ends with the running test. */
export async function openSession(): Promise<Session> {
  const home = mkdtempSync(join(tmpdir(), 'lwi-keychain-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const sessionEnv: NodeJS.ProcessEnv = { PATH: env['PATH'], HOME: home, LANG: 'C.UTF-8' };
  for (const [name, directory] of [
    ['XDG_RUNTIME_DIR', 'run'],
    ['XDG_DATA_HOME', 'data'],
    ['XDG_CONFIG_HOME', 'config'],
    ['XDG_CACHE_HOME', 'cache'],
  ] as const) {
    sessionEnv[name] = join(home, directory);
    mkdirSync(join(home, directory), { mode: 0o700 });
  }
  const config = join(home, 'bus.conf');
  writeFileSync(config, BUS);
  // The bus lives as long as the shell inside it, and that as long as its stdin.
  const bus = spawn(
    'dbus-run-session',
    [`--config-file=${config}`, '--', 'sh', '-c', 'echo "$DBUS_SESSION_BUS_ADDRESS"; cat'],
    {
      env: sessionEnv,
      stdio: ['pipe', 'pipe', 'ignore'],
    },
  );
  onTestFinished(() => ended(bus, () => bus.stdin.end()));
  sessionEnv['DBUS_SESSION_BUS_ADDRESS'] = await firstLine(bus);

  const send = (...args: string[]) =>
    execFileSync('dbus-send', ['--session', '--print-reply', ...args], {
      env: sessionEnv,
      encoding: 'utf8',
      stdio: 'pipe',
    });
  const service = ['--dest=org.freedesktop.secrets', '/org/freedesktop/secrets'];
  const hasDefaultCollection = () => {
    try {
      return send(...service, 'org.freedesktop.Secret.Service.ReadAlias', 'string:default').includes('/collection/');
    } catch {
      return false;
    }
  };

  return {
    home,
    env: {
      DBUS_SESSION_BUS_ADDRESS: sessionEnv['DBUS_SESSION_BUS_ADDRESS'],
      XDG_RUNTIME_DIR: sessionEnv['XDG_RUNTIME_DIR'],
    },
    run: (args, change = {}) => runChild(args, { ...sessionEnv, ...change }),
    async startKeyring(password) {
      const keyring = spawn('gnome-keyring-daemon', ['--foreground', '--unlock', '--components=secrets'], {
        env: sessionEnv,
        stdio: ['pipe', 'ignore', 'ignore'],
      });
      onTestFinished(() => ended(keyring, () => keyring.kill('SIGKILL')));
      keyring.stdin.end(password);
      while (!hasDefaultCollection()) {
        if (keyring.exitCode !== null) throw new Error(`gnome-keyring-daemon ended with code ${keyring.exitCode}`);
        await new Promise(setImmediate);
      }
      return keyring;
    },
    stopKeyring: (keyring) => ended(keyring, () => keyring.kill('SIGTERM')),
    lock: () => {
      send(
        ...service,
        'org.freedesktop.Secret.Service.Lock',
        'array:objpath:/org/freedesktop/secrets/collection/login',
      );
    },
    secretTool: (args, input = '') => {
      const ran = spawnSync('secret-tool', args, { env: sessionEnv, input, encoding: 'utf8' });
      if (ran.status !== 0 && ran.stderr) throw new Error(ran.stderr);
      return ran.stdout;
    },
  };
}

async function runChild(args: readonly string[], childEnv: NodeJS.ProcessEnv): Promise<Ran> {
  const started = performance.now();
  const child = spawn(execPath, [CHILD, ...args], { env: childEnv, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  let trouble = '';
  child.stderr.on('data', (chunk) => {
    trouble += chunk;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (output === '') throw new Error(`the child said nothing and ended with ${code}: ${trouble}`);
  return { said: JSON.parse(output), code, ms: performance.now() - started };
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('no stdout');
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error('the session bus did not start');
}

function ended(child: ChildProcess, end: () => unknown): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    end();
  });
}
