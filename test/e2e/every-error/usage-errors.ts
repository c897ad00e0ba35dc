import { join } from 'node:path';
import type { ErrorCode } from '../../../src/errors.ts';
import { occupyPort } from '../../support/free-port.ts';
import { openScenario } from '../../support/scenario.ts';
import { connected, type Provocation, READ } from './provocation.ts';

const CONNECT = ['connect', 'mycarrierpackets'];

export const USAGE_ERRORS = {
  INTERNAL: async () => {
    const lwi = await openScenario();
    // Stands for a defect: something that lwi relies on is not as it takes it to be.
    const plant = lwi.write('defect.cjs', "Date.now = () => { throw new TypeError('planted'); };");
    const env = { NODE_OPTIONS: `--require=${plant}` };
    const again = async () => {
      const { code, stderr } = await lwi.run(['status', '--verbose'], { env });
      return { code: code === 1 && /TypeError: planted\n\s+at /.test(stderr) ? 0 : code, stdout: '', stderr };
    };
    return { lwi, words: ['status'], env, hint: /^Run again with --verbose and report what it prints\.$/, again };
  },
  USAGE: async () => {
    const lwi = await openScenario();
    return { lwi, words: ['status', '--nonsense'], hint: /--help/, changed: () => ({ words: ['status', '--help'] }) };
  },
  CONFIG_INVALID: async () => {
    const lwi = await openScenario();
    lwi.config({ acount: 'north' });
    return { lwi, words: ['status'], hint: /`lwi provider list`/, heal: () => void lwi.config({ account: 'north' }) };
  },
  INPUT_INVALID: async () => {
    const lwi = await openScenario();
    const words = ['webhook', 'sign', 'slack', '--body', join(lwi.cwd, 'body.json')];
    const env = { LWI_SLACK_WEBHOOK_SECRET: 'a-secret' };
    return { lwi, words, env, hint: /^Correct the input/, heal: () => lwi.write('body.json', {}) };
  },
  INPUT_NEEDED: async () => {
    const lwi = await openScenario();
    const words = ['secret', 'set', 'slack', 'webhook-secret'];
    return { lwi, words, hint: /^Give the value on stdin/, changed: () => ({ stdin: 'a-value' }) };
  },
  PROVIDER_UNKNOWN: async () => {
    const lwi = await openScenario();
    return {
      lwi,
      words: ['provider', 'show', 'quickboks'],
      hint: /`lwi provider list`/,
      changed: () => ({ words: ['provider', 'show', 'quickbooks'] }),
    };
  },
  CREDENTIALS_MISSING: async () => {
    const lwi = await openScenario();
    const words = ['webhook', 'sign', 'quickbooks', '-a', 'north', '--body', lwi.write('body', '[]')];
    return { lwi, words, hint: /`lwi secret set quickbooks webhook-secret -a north`/, told: 'a-secret' };
  },
  REDIRECT_UNUSABLE: async () => {
    const lwi = await openScenario();
    const env = { LWI_QUICKBOOKS_CLIENT_ID: 'app', LWI_QUICKBOOKS_CLIENT_SECRET: 'app-secret' };
    const words = ['connect', 'quickbooks', '--env', 'production'];
    // The real provider is not asked: that the command takes the redirect is seen by the address that it wants opened.
    const again = async () => {
      const redirect = 'https://relay.example/callback';
      const running = await lwi.startConnect(
        ['quickbooks', '--env', 'production', '--redirect-uri', redirect, '--paste'],
        { env, stdin: 'open' },
      );
      const there = new URL(running.address).searchParams.get('redirect_uri');
      running.child.kill('SIGTERM');
      const { stderr } = await running.ended;
      return { code: there === redirect ? 0 : 1, stdout: '', stderr };
    };
    return {
      lwi,
      words,
      env,
      hint: /^Run `lwi connect quickbooks --redirect-uri <https uri> --paste --env production`\.$/,
      again,
    };
  },
  ACCOUNT_MISMATCH: async () => {
    const lwi = await connected();
    return {
      ...{ lwi, words: ['connect', 'quickbooks'], hint: /run the command with --replace/ },
      run: (words) =>
        lwi.connect(
          words.filter((word) => word !== 'connect'),
          { company: 1 },
        ),
      again: () => lwi.connect(['quickbooks', '--replace'], { company: 1 }),
    };
  },
  PORT_IN_USE: async () => {
    const lwi = await openScenario();
    const { server, port } = await occupyPort(0);
    const env = { LWI_SLACK_WEBHOOK_SECRET: 'a-secret' };
    const run = (words: readonly string[]) => lwi.run(words, { env });
    // A free port is what the system gives.
    const again = async () => {
      const running = lwi.start(['webhook', 'listen', '--port', '0'], { env });
      await running.said(/http:\/\/127\.0\.0\.1:\d+/);
      running.child.kill('SIGTERM');
      const { code, ...output } = await running.ended;
      server.close();
      return { ...output, code: code === 143 ? 0 : code };
    };
    return {
      lwi,
      words: ['webhook', 'listen', '--port', String(port)],
      run,
      hint: /^Run again with --port <n>/,
      again,
    };
  },
  NOT_RECORDED: async () => {
    const lwi = await connected();
    const file = join(lwi.cwd, 'run.har');
    await lwi.prepare([...READ, '--record', file]);
    const other = ['api', 'quickbooks', '/query', '--query', 'query=select * from Item'];
    const changed = () => ({ words: [...READ, '--replay', file] });
    return { lwi, words: [...other, '--replay', file], hint: /^Run the command that was recorded/, changed };
  },
  UNSUPPORTED: async () => {
    const lwi = await openScenario();
    const words = ['connect', 'slack', '--env', 'sandbox'];
    return { lwi, words, hint: /`lwi provider show slack/, changed: () => ({ words: CONNECT }) };
  },
} satisfies Partial<Record<ErrorCode, Provocation>>;
