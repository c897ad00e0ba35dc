import { get } from 'node:http';
import { onTestFinished } from 'vitest';
import type { Running } from './lwi.ts';
import type { Scenario } from './scenario.ts';

/** The secrets under which the mock signs. */
export const WEBHOOK_SECRETS = {
  LWI_SLACK_WEBHOOK_SECRET: 'lwi-demo-signing-secret',
  LWI_QUICKBOOKS_WEBHOOK_SECRET: 'lwi-demo-verifier-token',
  LWI_MYCARRIERPACKETS_WEBHOOK_SECRET: 'lwi-demo-mcp-secret',
};

/** A `lwi serve --json` or `lwi webhook listen --json` that has said where it is. */
export interface Serving extends Running {
  readonly url: string;
  /** Lets the mock sign an event and send it to the path (after `/webhooks/`); the status of each delivery. */
  deliver(path: string, event: string): Promise<number[]>;
  /** Resolves with the first line of this type that has these members. */
  line(type: string, like?: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>>;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Starts `lwi serve`, on a free port, and waits until it listens. Killed when the test ends. */
export function startServe(lwi: Scenario, words: readonly string[] = [], env: Env = WEBHOOK_SECRETS): Promise<Serving> {
  return startReceiver(lwi, ['serve', '--port', '0', '--json', ...words], { env });
}

/** The same for `lwi webhook listen`. */
export function startListen(
  lwi: Scenario,
  words: readonly string[] = [],
  env: Env = WEBHOOK_SECRETS,
): Promise<Serving> {
  return startReceiver(lwi, ['webhook', 'listen', '--port', '0', '--json', ...words], { env });
}

async function startReceiver(lwi: Scenario, words: readonly string[], options: { env: Env }): Promise<Serving> {
  const running = lwi.start(words, options as { env: Record<string, string> });
  onTestFinished(() => void running.child.kill('SIGKILL'));
  const [, url = ''] = await running.said(/\{"type":"ready","url":"([^"]+)"\}\n/);
  return {
    ...running,
    url,
    deliver: async (path, event) => {
      const of = path.split('/')[0] ?? '';
      const answer = await lwi.control(`${of}/webhook?to=${encodeURIComponent(`${url}/webhooks/${path}`)}&${event}`);
      return (answer as { deliveries: { status: number }[] }).deliveries.map(({ status }) => status);
    },
    line: async (type, like = {}) => {
      const members = Object.entries(like).map(
        ([name, value]) => `(?=[^\\n]*"${name}":${escaped(JSON.stringify(value))})`,
      );
      const [text] = await running.said(
        new RegExp(`^\\{(?=[^\\n]*"type":"${type}")${members.join('')}[^\\n]*\\}$`, 'm'),
      );
      return JSON.parse(text) as Record<string, unknown>;
    },
  };
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** The status of a GET under a Host of one's own, which fetch does not send. */
export function statusUnder(host: string, url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(url, { headers: { host } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    }).on('error', reject);
  });
}
