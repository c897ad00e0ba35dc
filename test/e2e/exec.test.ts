import { createHash } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runBeside } from '../../commands/shared/child-process.ts';
import type { Running } from '../support/lwi.ts';
import { failureOf, openScenario, type Scenario } from '../support/scenario.ts';
import { spending } from '../support/spending.ts';
import { ageTokens } from '../support/store-file.ts';

const HOUR_MS = 3_600_000;
const TOKEN_ENDPOINT = 'POST /quickbooks/oauth2/v1/tokens/bearer';
const EXEC = ['exec', 'mycarrierpackets', '--'];

/** A scenario with the connection that needs no browser. */
async function connected(): Promise<Scenario> {
  const lwi = await openScenario();
  await lwi.connected(['mycarrierpackets']);
  return lwi;
}

/** How a process ended, as its parent sees it. */
async function endOf({ child, ended }: Running) {
  const { code, stdout } = await ended;
  return { code, signal: child.signalCode, stdout };
}

describe('exec gives the command', () => {
  test('the token, refreshed first when it is due, the base URL and the company', async () => {
    const lwi = await openScenario();
    await lwi.connected(['quickbooks']);
    const old = (await lwi.run(['token', 'get', 'quickbooks'])).stdout;
    ageTokens(lwi.home, 2 * HOUR_MS);
    const line = 'printf "%s\\n" "$LWI_ACCESS_TOKEN" "$LWI_BASE_URL" "$LWI_EXTERNAL_ID"';
    const ran = await lwi.run(['-v', 'exec', 'quickbooks', '--', 'sh', '-c', line]);
    const token = (await lwi.run(['token', 'get', 'quickbooks'])).stdout;
    expect(token).not.toBe(old);
    expect(ran).toEqual({
      code: 0,
      stdout: `${token}${lwi.mockUrl}/quickbooks\n9130000000000001\n`,
      stderr: expect.stringMatching(/^\S+Z http /),
    });
    expect(ran.stderr).not.toContain(token.trim());
    expect((await lwi.requests())[TOKEN_ENDPOINT]).toBe(2);
  });

  test('a token that the provider takes', async () => {
    const lwi = await openScenario();
    await lwi.connected(['slack']);
    const script =
      'fetch(process.env.LWI_BASE_URL + "/auth.test", { method: "POST", headers: { authorization: "Bearer " + process.env.LWI_ACCESS_TOKEN } })' +
      '.then((answer) => answer.json()).then(({ ok, team_id }) => console.log(ok, team_id === process.env.LWI_EXTERNAL_ID))';
    expect(await lwi.run(['exec', 'slack', '--', process.execPath, '-e', script])).toEqual({
      ...{ code: 0, stdout: 'true true\n', stderr: '' },
    });
  });

  test('the rest of the environment, but no key and no secret, unless it is asked to', async () => {
    const lwi = await connected();
    const secret = {
      LWI_SLACK_CLIENT_SECRET: 'a',
      LWI_SLACK_PASSWORD: 'b',
      LWI_SLACK_TOKEN: 'c',
      LWI_SLACK_WEBHOOK_SECRET: 'd',
      LWI_WEBHOOK_SECRET: 'e',
      LWI_KEY_PASSPHRASE: 'f',
      LWI_NEW_ENCRYPTION_KEY: 'g',
    };
    const plain = { LWI_SLACK_CLIENT_ID: 'h', MY_SECRET: 'i', LWI_EXTERNAL_ID: 'outer' };
    const env = { ...secret, ...plain };
    const environment = async (...options: string[]) => {
      const ran = await lwi.run(['exec', ...options, 'mycarrierpackets', '--', 'env'], { env });
      return Object.fromEntries(ran.stdout.split('\n').map((line) => line.split('=', 2)));
    };
    const given = {
      LWI_ACCESS_TOKEN: (await lwi.run(['token', 'get', 'mycarrierpackets'])).stdout.trim(),
      LWI_BASE_URL: `${lwi.mockUrl}/mycarrierpackets`,
      LWI_EXTERNAL_ID: 'lwi@example.com',
    };
    const { LWI_ENCRYPTION_KEY: key, LWI_DATABASE_URL: url, ...rest } = lwi.env;
    expect(await environment()).toEqual({ ...rest, ...plain, ...given, '': undefined });
    expect(await environment('--keep-environment')).toEqual({
      ...{ ...rest, ...env, ...given, ...(url === undefined ? {} : { LWI_DATABASE_URL: url }), '': undefined },
      // The base64 of a key ends with `=`, which the reading of lines cuts off.
      LWI_ENCRYPTION_KEY: key?.replace(/=+$/, ''),
    });
  });

  test('its own words, and reads none of them', async () => {
    const lwi = await connected();
    const words = ['--json', '-v', '--help', '-a', 'north', '--', '*', ' ', '', 'é', '$HOME'];
    const ran = await lwi.run([...EXEC, 'sh', '-c', 'printf "[%s]" "$@"', 'sh', ...words]);
    expect(ran).toEqual({ code: 0, stdout: words.map((word) => `[${word}]`).join(''), stderr: '' });
  });

  test('stdin and stdout as they are, to the byte', async () => {
    const lwi = await connected();
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7919) % 256));
    const hash = createHash('sha256').update(bytes).digest('hex');
    expect((await lwi.run([...EXEC, 'sha256sum'], { stdin: bytes })).stdout).toBe(`${hash}  -\n`);
    writeFileSync(join(lwi.cwd, 'in'), bytes);
    expect((await lwi.run([...EXEC, 'cat'], { shell: '$LWI "$@" < in > out' })).code).toBe(0);
    expect(readFileSync(join(lwi.cwd, 'out')).equals(bytes)).toBe(true);
  });

  test.runIf(process.platform === 'linux')('no other open file, and no signal that it would ignore', async () => {
    const lwi = await connected();
    const look = 'ls /proc/self/fd | wc -l; grep -E "^Sig(Blk|Ign)" /proc/self/status';
    const direct = await lwi.run([], { shell: look });
    expect(await lwi.run([...EXEC, 'sh', '-c', look])).toEqual(direct);
    expect(direct.stdout).toContain('SigIgn:\t0000000000000000');
  });
});

test('the command has the umask of its caller, and lwi makes nothing where its words say --home', async () => {
  const lwi = await connected();
  const line = 'umask 027; $LWI "$@"';
  const ran = await lwi.run([...EXEC, 'sh', '-c', 'umask', '--home', 'elsewhere', '--home=elsewhere'], { shell: line });
  expect(ran).toEqual({ code: 0, stdout: expect.stringMatching(/^0+27\n$/), stderr: '' });
  expect(existsSync(join(lwi.cwd, 'elsewhere'))).toBe(false);
});

describe('exec ends as its command does', () => {
  test.each([0, 1, 7, 126, 127, 255])('with exit code %i', async (code) => {
    const lwi = await connected();
    expect(await lwi.run([...EXEC, 'sh', '-c', `exit ${code}`])).toEqual({ code, stdout: '', stderr: '' });
  });

  test.each([
    ['SIGKILL', 137],
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ] as const)('by %s, and a shell sees %i', async (signal, status) => {
    const lwi = await connected();
    const words = [...EXEC, 'sh', '-c', `kill -${signal.slice(3)} $$; sleep 5`];
    expect(await endOf(lwi.start(words))).toEqual({ code: null, signal, stdout: '' });
    const seen = await lwi.run(words, { shell: '$LWI "$@"; echo "status $?"' });
    expect(seen.stdout).toBe(`status ${status}\n`);
  });

  test.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const)(
    'a %s that is sent to it reaches the command once, and it does not end before the command',
    async (signal) => {
      const lwi = await connected();
      const name = signal.slice(3);
      const line = `n=0; trap 'n=$((n+1)); echo got ${name} $n' ${name}; echo ready $$; while [ $n = 0 ]; do sleep 0.05; done; sleep 0.3; exit 9`;
      const running = lwi.start([...EXEC, 'sh', '-c', line]);
      const [, pid] = await running.said(/ready (\d+)/);
      expect(Number(pid)).toBe(running.child.pid);
      running.child.kill(signal);
      expect(await endOf(running)).toEqual({ code: 9, signal: null, stdout: `ready ${pid}\ngot ${name} 1\n` });
    },
  );

  test('a command that does not heed a signal is ended by it', async () => {
    const lwi = await connected();
    const running = lwi.start([...EXEC, 'sh', '-c', 'echo ready; exec sleep 20']);
    await running.said(/ready/);
    running.child.kill('SIGTERM');
    expect(await endOf(running)).toEqual({ code: null, signal: 'SIGTERM', stdout: 'ready\n' });
  });

  test('a file that the system cannot run is 126 or 127, as said by the system: no trace, and no memory with the token on the disk', async () => {
    const lwi = await connected();
    const broken = lwi.write('broken', `\x7fELF${'x'.repeat(200)}`);
    chmodSync(broken, 0o700);
    const ran = await lwi.run([...EXEC, broken], { shell: 'ulimit -c unlimited 2>/dev/null; $LWI "$@"' });
    expect([126, 127]).toContain(ran.code);
    expect(ran.stderr.trimEnd()).toMatch(/^.*broken.*$/);
    expect(readdirSync(lwi.cwd).filter((name) => name.startsWith('core'))).toEqual([]);
  });

  test('more words than a system takes are refused with code 2', async () => {
    const lwi = await connected();
    const ran = await lwi.run([...EXEC, 'true', ...Array<string>(12).fill('x'.repeat(100_000))]);
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toContain('The command and its environment are too long');
  });

  test('a reader that goes away ends the command by SIGPIPE, as without lwi', async () => {
    const lwi = await connected();
    const ran = await lwi.run([...EXEC, 'yes'], { shell: '{ $LWI "$@"; echo "status $?" >&2; } | head -1' });
    expect(ran).toEqual({ code: 0, stdout: 'y\n', stderr: 'status 141\n' });
  });
});

describe('exec refuses', () => {
  test('what token get refuses, with the same code, and runs nothing', async () => {
    const lwi = await openScenario();
    await lwi.connected(['quickbooks']);
    const touch = ['--', 'touch', join(lwi.cwd, 'ran')];
    const same = async (exit: number, code: string, ...words: string[]) => {
      const run = failureOf(await lwi.run(['exec', ...words, '--json', ...touch]));
      expect(run).toMatchObject({ exit, stdout: '', error: { code } });
      const get = failureOf(await lwi.run(['token', 'get', ...words, '--json']));
      expect({ ...run.error, requestId: '' }).toEqual({ ...get.error, requestId: '' });
    };
    await same(3, 'NOT_CONNECTED', 'slack');
    await same(3, 'NOT_CONNECTED', 'quickbooks', '-a', 'north');
    await same(2, 'PROVIDER_UNKNOWN', 'quickbook');
    ageTokens(lwi.home, 2 * HOUR_MS);
    await lwi.control('faults?fault=503:quickbooks/tokens');
    await same(5, 'SERVER_ERROR', 'quickbooks');
    await lwi.control('faults');
    await lwi.control('revoke?provider=quickbooks');
    expect(failureOf(await lwi.run(['exec', 'quickbooks', '--json', ...touch]))).toMatchObject({ exit: 3 });
    await same(3, 'RECONNECT_REQUIRED', 'quickbooks');
    expect(existsSync(join(lwi.cwd, 'ran'))).toBe(false);
  });

  test.each([
    ['no command', ['mycarrierpackets']],
    ['nothing after --', ['mycarrierpackets', '--']],
    ['a command without --', ['mycarrierpackets', 'env']],
    ['a command before --', ['mycarrierpackets', 'env', '--', 'env']],
    ['-- before the provider', ['--', 'mycarrierpackets', 'env']],
  ])('%s, with code 2', async (_, words) => {
    const lwi = await connected();
    // The option stands first, where it is lwi's in any case.
    const { exit, stdout, error } = failureOf(await lwi.run(['--json', 'exec', ...words]));
    expect({ exit, stdout, code: error['code'] }).toEqual({ exit: 2, stdout: '', code: 'USAGE' });
  });

  test('a command that cannot be started, with code 2 and before a token is asked for', async () => {
    const lwi = await openScenario();
    await lwi.connected(['quickbooks']);
    ageTokens(lwi.home, 2 * HOUR_MS);
    lwi.write('plain', 'echo hello\n');
    chmodSync(lwi.write('orphan', '#!/no/such/interpreter\n'), 0o700);
    mkdirSync(join(lwi.cwd, 'bin'));
    symlinkSync('/no/such/target', join(lwi.cwd, 'bin', 'dangling'));
    const env = { PATH: `${lwi.env['PATH']}:${lwi.cwd}:${lwi.cwd}/bin` };
    const message = async (command: string) => {
      const ran = failureOf(await lwi.run(['exec', 'quickbooks', '--json', '--', command, '--version'], { env }));
      expect(ran).toMatchObject({ exit: 2, stdout: '', error: { code: 'USAGE' } });
      return ran.error['message'];
    };
    expect(await message('no-such-command')).toBe('There is no command "no-such-command" in PATH.');
    expect(await message('./nothing')).toBe('"./nothing" cannot be run: there is no such file.');
    expect(await message('dangling')).toBe('There is no command "dangling" in PATH.');
    expect(await message(lwi.cwd)).toBe(`"${lwi.cwd}" cannot be run: it is a directory.`);
    expect(await message('plain')).toMatch(/plain" cannot be run: it is not executable for this user/);
    expect(await message('orphan')).toMatch(
      /orphan" cannot be run: its interpreter "\/no\/such\/interpreter": there is no such file\.$/,
    );
    expect((await lwi.requests())[TOKEN_ENDPOINT]).toBe(1);
  });
});

test('a text without #! is run by the shell, as every shell does, and found in PATH after what may not be run', async () => {
  const lwi = await connected();
  for (const folder of ['one', 'two']) mkdirSync(join(lwi.cwd, folder));
  lwi.write('one/greet', 'echo not this one\n');
  chmodSync(lwi.write('two/greet', 'echo "hello $1"\n'), 0o700);
  const env = { PATH: `${lwi.cwd}/one:${lwi.cwd}/two:${lwi.env['PATH']}` };
  expect(await lwi.run([...EXEC, 'greet', 'a b'], { env })).toEqual({ code: 0, stdout: 'hello a b\n', stderr: '' });
});

test('Ctrl-C while the token is being refreshed ends with code 130, and the command is not run', async () => {
  const lwi = await openScenario();
  await lwi.connected(['quickbooks']);
  ageTokens(lwi.home, 2 * HOUR_MS);
  await lwi.control('faults?fault=latency=700:quickbooks/tokens');
  const running = lwi.start(['exec', 'quickbooks', '--json', '--', 'echo', 'ran']);
  await spending(lwi);
  running.child.kill('SIGINT');
  expect(failureOf(await running.ended)).toMatchObject({ exit: 130, stdout: '', error: { code: 'INTERRUPTED' } });
});

describe('where a process cannot be replaced, the command runs beside lwi, which', () => {
  const { signal } = new AbortController();
  const beside = (words: string[], self = new EventEmitter()) => {
    const env = { PATH: process.env['PATH'] ?? '' };
    return runBeside({ file: words[0] ?? '', words, env }, self as never, signal);
  };

  test('ends with its exit code', async () => expect(await beside(['sh', '-c', 'exit 7'])).toBe(7));

  test('leaves Ctrl-C to it, passes SIGTERM on, and outlives it', async () => {
    const self = new EventEmitter();
    const stopped = beside(['sleep', '20'], self);
    await expect.poll(() => self.listenerCount('SIGTERM')).toBe(1);
    for (const name of ['SIGINT', 'SIGHUP', 'SIGBREAK', 'SIGTERM']) self.emit(name);
    expect(await stopped).toBe(143);
  });

  test('says what could not be started', async () => {
    await expect(beside(['no-such-command'])).rejects.toMatchObject({
      code: 'USAGE',
      message: '"no-such-command" cannot be run: there is no such program in PATH.',
    });
  });
});
