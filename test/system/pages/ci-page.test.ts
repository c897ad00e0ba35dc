import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import packageJson from '../../../package.json' with { type: 'json' };
import { writeLwi, writeScript } from '../../support/lwi-script.ts';
import { openScenario, type Scenario } from '../../support/scenario.ts';
import { readXml } from '../../support/xml.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const PAGE = readFileSync(join(ROOT, 'docs/ci.md'), 'utf8');
const MCP = { username: 'lwi@example.com', password: 'a password' };

/** The blocks of the page that say by a comment what they are. */
const blocks = [...PAGE.matchAll(/^<!-- tried: (\S+) -->\n```\w+\n(.*?)^```$/gms)].map(([, name = '', text = '']) => ({
  name,
  text,
}));
const named = (name: string) => blocks.filter((block) => block.name === name).map(({ text }) => text);

/** A machine with lwi, and an npm that takes the one command of the page. */
async function openMachine(): Promise<
  Scenario & { sh(line: string, env?: Record<string, string>, shell?: string): Promise<void> }
> {
  const lwi = await openScenario({ records: 3 });
  const bin = join(lwi.cwd, 'bin');
  mkdirSync(bin);
  writeLwi(bin);
  writeScript(
    bin,
    'npm',
    `[ "$*" = 'install --global ./lwi-${packageJson.version}.tgz' ] || { echo "npm $*" >&2; exit 1; }`,
  );
  const sh = async (line: string, env: Record<string, string> = {}, shell = 'bash -e') => {
    const PATH = `${bin}:/usr/bin:/bin`;
    // A file, as a runner does it, so that the line is the shell's to read and nobody else's.
    const ran = await lwi.run([], { shell: `exec ${shell} '${lwi.write('step.sh', line)}'`, env: { ...env, PATH } });
    if (ran.code !== 0) throw new Error(`code ${ran.code}: ${line}\n${ran.stdout}${ran.stderr}`);
  };
  return { ...lwi, sh };
}

type Env = Readonly<Record<string, string>>;
interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Env;
}
interface Workflow {
  readonly jobs: Readonly<Record<string, { readonly env?: Env; readonly steps: readonly Step[] }>>;
}
interface Job {
  readonly variables: Env;
  readonly before_script: readonly string[];
  readonly script: readonly string[];
  readonly artifacts: { readonly reports: { readonly junit: string } };
}

/** The JUnit file of a run in which all was well. */
function expectGreen(file: string): void {
  const { name, attributes } = readXml(readFileSync(file, 'utf8'));
  expect({ name, ...attributes }).toMatchObject({ name: 'lwi smoke', tests: '11', failures: '0', errors: '0' });
}

test('every block is of a kind that is tried', () => {
  expect(blocks.map(({ name }) => name)).toEqual([
    'github',
    'github',
    'gitlab',
    'crontab',
    'lwi-sync.service',
    'lwi-sync.timer',
    'lwi-smoke.service',
  ]);
  expect([...PAGE.matchAll(/^```(yaml|crontab|ini)$/gm)]).toHaveLength(blocks.length);
});

test('the workflows for GitHub: pinned by commit, and each run line works as it stands', async () => {
  const lwi = await openMachine();
  const secrets: Env = {
    ...{ LWI_ENCRYPTION_KEY: lwi.key, MCP_USERNAME: MCP.username, MCP_PASSWORD: MCP.password },
  };
  const filled = (env: Env = {}) =>
    Object.fromEntries(
      Object.entries(env).map(([name, value]) => [
        name,
        String(value).replace(/\$\{\{ secrets\.(\w+) \}\}/g, (_, secret: string) => secrets[secret] ?? 'MISSING'),
      ]),
    );
  const summary = lwi.write('summary.md', '');
  const runner = { CI: 'true', GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary };
  const runs = async (text: string) => {
    for (const { env, steps } of Object.values((parse(text) as Workflow).jobs)) {
      for (const { uses, run, env: own } of steps) {
        if (uses) expect(uses).toMatch(/^actions\/[\w-]+@[0-9a-f]{40}$/);
        const all = { ...runner, ...filled(env), ...filled(own), LWI_ENV: 'mock' };
        if (run) await lwi.sh(run, all, 'bash --noprofile --norc -eo pipefail');
      }
    }
  };
  const [hosted = '', own = ''] = named('github');
  await runs(hosted);
  expectGreen(join(lwi.cwd, 'smoke.xml'));
  // The other one finds what a person has connected.
  await lwi.json(['disconnect', 'mycarrierpackets']);
  await lwi.connect(['slack']);
  await runs(own);
  expect(readFileSync(summary, 'utf8').match(/^### lwi smoke: \d+ passed, 0 failed, \d skipped/gm)).toHaveLength(2);
  expect(JSON.parse(readFileSync(join(lwi.cwd, 'sync.json'), 'utf8'))).toMatchObject([{ provider: 'slack' }]);
});

test('the job for GitLab: each line of its scripts works as it stands', async () => {
  const lwi = await openMachine();
  const [text = ''] = named('gitlab');
  const { smoke } = parse(text) as { smoke: Job };
  const project = {
    CI: 'true',
    LWI_MYCARRIERPACKETS_USERNAME: MCP.username,
    LWI_MYCARRIERPACKETS_PASSWORD: MCP.password,
  };
  const variables = Object.fromEntries(
    Object.entries(smoke.variables).map(([name, value]) => [name, value.replace('$CI_PROJECT_DIR', lwi.cwd)]),
  );
  for (const line of [...smoke.before_script, ...smoke.script])
    await lwi.sh(line, { ...project, ...variables, LWI_ENV: 'mock' });
  expectGreen(join(lwi.cwd, smoke.artifacts.reports.junit));
});

test('the lines for cron are silent when all is well, leave a throttled sync to the next run, and tell the rest', async () => {
  const lwi = await openMachine();
  await lwi.connect(['slack']);
  lwi.config({ retry: { attempts: 1 } });
  const [text = ''] = named('crontab');
  const lines = text.split('\n').filter((line) => line !== '');
  const file = lwi.write('key', `${lwi.key}\n`);
  const env: Record<string, string | undefined> = { LWI_ENCRYPTION_KEY: undefined };
  for (const line of lines) {
    const [, name = '', value = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (name) env[name] = name === 'PATH' ? `${join(lwi.cwd, 'bin')}:${value}` : value;
  }
  expect(env['LWI_ENCRYPTION_KEY_FILE']).toBe('/etc/lwi/key');
  env['LWI_ENCRYPTION_KEY_FILE'] = file;
  const commands = lines
    .flatMap((line) => /^(?:\S+\s+){5}(?=\S)(.*)$/.exec(line)?.[1] ?? [])
    .filter((line) => line.includes('lwi'));
  expect(commands).toHaveLength(2);
  // cron gives a command to /bin/sh; a percent sign would end its line (crontab(5)).
  expect(commands.filter((line) => line.includes('%'))).toEqual([]);
  const run = async (line = '') => {
    const { code, stdout, stderr } = await lwi.run([], { shell: line, env: env as Env });
    return { code, told: stdout + stderr };
  };
  for (const line of commands) expect(await run(line)).toEqual({ code: 0, told: '' });
  await lwi.control('faults?fault=500:slack/api');
  expect(await run(commands[0])).toEqual({ code: 5, told: '' });
  expect(await run(commands[1])).toMatchObject({ code: 8, told: expect.stringMatching(/^fail {2}api/m) });
});

test('the units for systemd: their commands run, and systemd takes them', async ({ skip }) => {
  const lwi = await openMachine();
  await lwi.connect(['slack']);
  const units = blocks.filter(({ name }) => /\.(service|timer)$/.test(name));
  const files = units.map(({ name, text }) => {
    const own = text.replaceAll('/usr/local/bin', join(lwi.cwd, 'bin')).replaceAll('/var/lib/lwi', lwi.home);
    return lwi.write(name, own);
  });
  for (const file of files) {
    const [, command] = /^ExecStart=(.+)$/m.exec(readFileSync(file, 'utf8')) ?? [];
    if (command) await lwi.sh(command);
  }
  expectGreen(join(lwi.home, 'smoke.xml'));
  expect(statSync(join(lwi.home, 'smoke.xml')).mode & 0o777).toBe(0o600);
  skip(!existsSync('/usr/bin/systemd-analyze'), 'there is no systemd-analyze here');
  execFileSync('/usr/bin/systemd-analyze', ['verify', ...files], { stdio: 'pipe' });
});
