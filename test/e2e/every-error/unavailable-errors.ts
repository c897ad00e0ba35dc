import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import type { ErrorCode } from '../../../src/errors.ts';
import { certificate } from '../../support/certificate.ts';
import { openScenario, sandboxed, withEnvironment } from '../../support/scenario.ts';
import { WEBHOOK_SECRETS } from '../../support/serving.ts';
import { slackEvent } from '../../support/signed-event.ts';
import { ageTokens } from '../../support/store-file.ts';
import { connected, failing, type Provocation, READ, underWay } from './provocation.ts';

const DAY_MS = 86_400_000;

/** A connection in the sandbox, whose API is then said to be somewhere else. */
async function movedTo(apiBaseUrl: string) {
  const opened = await openScenario();
  const lwi = withEnvironment(opened, sandboxed(opened));
  await lwi.connected(['quickbooks']);
  sandboxed(opened, { apiBaseUrl }, { retry: { attempts: 1 } });
  return { lwi, back: () => void sandboxed(opened) };
}

/** A server with a certificate that nobody has signed but itself. */
async function selfSigned() {
  const now = systemClock.now();
  const certified = certificate({ host: '127.0.0.1', from: now - DAY_MS, until: now + DAY_MS });
  const server = createServer(certified, (_, answer) => {
    answer.setHeader('content-type', 'application/json');
    answer.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, cert: certified.cert };
}

export const UNAVAILABLE_ERRORS = {
  RATE_LIMITED: failing('429;retry-after=1', /^Wait as long as the message says/),
  SERVER_ERROR: failing('500', /run the command again later/),
  NETWORK: failing('cut', /^Check the network/),
  DNS: async () => {
    const { lwi, back } = await movedTo('https://api.no-such-host.invalid');
    return { lwi, words: READ, hint: /^Check the name of the host/, heal: back };
  },
  TLS: async () => {
    const { url, cert } = await selfSigned();
    const { lwi } = await movedTo(url);
    const changed = () => ({ env: { NODE_EXTRA_CA_CERTS: lwi.write('own.pem', cert) } });
    return { lwi, words: READ, hint: /NODE_EXTRA_CA_CERTS/, changed };
  },
  TIMEOUT: failing('hang', /^Run the command again later/, {
    timeouts: { providers: { quickbooks: { attemptMs: 1500 } } },
  }),
  BAD_RESPONSE: async () => {
    const lwi = await connected();
    ageTokens(lwi.home, 2 * 3_600_000);
    await lwi.control('faults?fault=html=200:quickbooks/tokens');
    const heal = () => lwi.control('faults');
    return { lwi, words: ['token', 'get', 'quickbooks'], hint: /^Run with -v to see the answer/, heal };
  },
  CIRCUIT_OPEN: async () => {
    const lwi = await connected('quickbooks', { retry: { baseDelayMs: 1 } });
    await lwi.control('faults?fault=500:quickbooks/v3');
    await lwi.runHere(READ);
    const heal = async () => void (await lwi.control('faults'));
    return { lwi, words: READ, hint: /close it with `lwi limits quickbooks --reset`/, heal };
  },
  LEASE_BUSY: async () => {
    const lwi = await connected();
    await lwi.control('faults?fault=hang:quickbooks/query');
    const words = ['sync', 'quickbooks', '--entity', 'items'];
    const first = lwi.start(words);
    await underWay(lwi);
    const heal = async () => {
      await lwi.control('faults');
      first.child.kill('SIGKILL');
      await first.ended;
    };
    return { lwi, words, hint: /^Wait until it has ended, or stop it/, heal };
  },
  OUTPUT_CLOSED: async () => {
    const lwi = await openScenario();
    const event = lwi.write('event.json', { provider: 'slack', method: 'POST', path: '/', ...slackEvent('Ev1') });
    const words = ['webhook', 'verify', 'slack', event, event, event, '--jsonl'];
    const run = (given: readonly string[]) => {
      const running = lwi.start(given, { env: WEBHOOK_SECRETS });
      running.child.stdout?.destroy();
      return running.ended;
    };
    return { lwi, words, run, env: WEBHOOK_SECRETS, hint: /run the command again and read all of it\.$/ };
  },
} satisfies Partial<Record<ErrorCode, Provocation>>;
