import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Secret } from '../../src/secret.ts';
import { PRESETS } from '../../src/webhooks/presets.ts';
import type { WebhookScheme } from '../../src/webhooks/scheme.ts';
import { sign } from '../../src/webhooks/sign.ts';

/**
 * What verifying 10,000 fixtures in one call costs, against reading them and making the HMAC of their bytes (`bare-verify.mjs`): CPU time and time on the
 * wall, each process measured from its start to its end. Run by `npm run bench`, or alone after `npm run build`:
 *
 *     node test/bench/verify.ts [rounds]
 */
const [rounds = '5'] = process.argv[1]?.endsWith('verify.ts') ? process.argv.slice(2) : [];
const ROUNDS = Number(rounds);
const GOAL = 4;
const COUNT = 10_000;
const AT = 1_767_607_200_000;
const SECRET = 'bench-secret';

const fileAt = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const BIN = fileAt('../../bin/lwi.js');
const folder = mkdtempSync(join(tmpdir(), 'lwi-bench-'));

/** Bodies of 0.3 to 10 kB: short ones are many, as with real deliveries. */
const sizeOf = (at: number) => Math.round(300 + 9_700 * (((at * 7919) % COUNT) / COUNT) ** 3);

const SHAPES: Readonly<Record<string, { scheme: WebhookScheme; body: (at: number) => string }>> = {
  slack: {
    scheme: PRESETS.slack,
    body: (at) => {
      const event = { type: 'message', channel: 'C00000001', user: 'U00000001', ts: `1767607199.${100_000 + at}` };
      const text = 'load 4411 "covered" \n'.repeat(Math.ceil(sizeOf(at) / 21));
      const ids = { team_id: 'T00000001', api_app_id: 'A00000001', event_id: `Ev${10_000_000 + at}` };
      return JSON.stringify({ token: 'x', ...ids, event: { ...event, text }, type: 'event_callback' });
    },
  },
  quickbooks: {
    scheme: PRESETS.intuit,
    body: (at) => {
      const change = { name: 'Invoice', operation: 'Update', lastUpdated: '2026-01-05T10:00:00.000Z' };
      const entities = Array.from({ length: Math.ceil(sizeOf(at) / 95) }, (_, id) => ({ ...change, id: `${at}${id}` }));
      const realm = { realmId: '9130000000000001', dataChangeEvent: { entities } };
      return JSON.stringify({ eventNotifications: [realm] });
    },
  },
};

function fixtures(provider: string): string {
  const shape = SHAPES[provider];
  if (!shape) throw new Error(provider);
  const directory = join(folder, provider);
  mkdirSync(directory);
  const secret = new Secret(SECRET);
  for (let at = 0; at < COUNT; at++) {
    const body = shape.body(at);
    const signed = sign({ scheme: shape.scheme, secret, body: Buffer.from(body), timestamp: AT });
    const headers = {
      host: 'hooks.example.com',
      'content-type': 'application/json',
      'user-agent': 'sender',
      ...signed,
    };
    const fixture = { provider, method: 'POST', path: `/webhooks/${provider}`, headers, body };
    writeFileSync(join(directory, `${String(at).padStart(5, '0')}.json`), JSON.stringify(fixture));
  }
  return directory;
}

interface Cost {
  /** s. */
  readonly cpu: number;
  /** s. */
  readonly wall: number;
}

function costOf(words: readonly string[]): Cost {
  const file = join(folder, 'usage.json');
  const secrets = { LWI_SLACK_WEBHOOK_SECRET: SECRET, LWI_QUICKBOOKS_WEBHOOK_SECRET: SECRET };
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    LWI_HOME: join(folder, 'home'),
    USAGE_FILE: file,
    ...secrets,
  };
  const started = process.hrtime.bigint();
  const ran = spawnSync(process.execPath, ['--import', fileAt('usage-at-exit.mjs'), ...words], {
    ...{ env, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  });
  const wall = Number(process.hrtime.bigint() - started) / 1e9;
  if (ran.status !== 0) throw new Error(`${words.join(' ')} ended with ${ran.status}: ${ran.stderr}`);
  if (ran.stdout !== '' && JSON.parse(ran.stdout).verified !== COUNT) throw new Error('not all were verified');
  return { cpu: (JSON.parse(readFileSync(file, 'utf8')) as { cpu: number }).cpu / 1e6, wall };
}

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

try {
  process.stdout.write(`\nVerifying ${COUNT} fixtures in one call, s, median of ${ROUNDS} rounds\n`);
  for (const provider of Object.keys(SHAPES)) {
    const directory = fixtures(provider);
    const costs = { bare: [] as Cost[], lwi: [] as Cost[] };
    const words = [BIN, 'webhook', 'verify', provider, directory, '--at', new Date(AT).toISOString(), '--json'];
    for (let round = -1; round < ROUNDS; round++) {
      const bare = costOf([fileAt('bare-verify.mjs'), directory, SECRET]);
      const lwi = costOf(words);
      // The first round only brings the files into the memory of the machine.
      if (round < 0) continue;
      costs.bare.push(bare);
      costs.lwi.push(lwi);
    }
    for (const what of ['cpu', 'wall'] as const) {
      const [bare, lwi] = [median(costs.bare.map((cost) => cost[what])), median(costs.lwi.map((cost) => cost[what]))];
      const ratio = lwi / bare;
      const verdict = `${ratio.toFixed(2)} (goal <= ${GOAL}: ${ratio <= GOAL ? 'met' : 'not met'})`;
      process.stdout.write(
        `${`${provider} ${what}`.padEnd(16)} read and HMAC ${bare.toFixed(2)}  lwi ${lwi.toFixed(2)}  ratio ${verdict}\n`,
      );
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
