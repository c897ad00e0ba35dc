import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../src/clock.ts';
import { createMock } from '../../src/mock/mock.ts';
import { serveMock } from '../../src/mock/serve.ts';

/**
 * How long commands take against a bare `node -e 0`, as ratios in one run. Each round runs every command once, so that whatever else the machine
 * does falls on all alike; the median of each column is compared. Run with `npm run bench`, after `npm run build`.
 */
const ROUNDS = Number(process.argv[2] ?? 30);
const BIN = fileURLToPath(new URL('../../bin/lwi.js', import.meta.url));
const BODY = '{"type":"event_callback","event_id":"Ev1"}';

const home = mkdtempSync(join(tmpdir(), 'lwi-bench-'));
const served = await serveMock({ mock: createMock({ clock: systemClock }), port: 0 });
const environment = {
  PATH: process.env['PATH'] ?? '',
  HOME: home,
  LWI_HOME: join(home, 'lwi'),
  LWI_ENV: 'mock',
  LWI_MOCK_URL: served.url,
  LWI_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
  LWI_SLACK_WEBHOOK_SECRET: 'bench-secret',
};

function run(words: readonly string[], input = ''): { ms: number; stdout: string } {
  const started = process.hrtime.bigint();
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { env: environment, input, encoding: 'utf8' });
  const ms = Number(process.hrtime.bigint() - started) / 1e6;
  if (status !== 0) throw new Error(`${words.join(' ')} ended with ${status}: ${stderr}`);
  return { ms, stdout };
}

/** A child that talks to the mock in this process must not block it, so the connection is made by a child of its own loop. */
async function connect(): Promise<void> {
  const { spawn } = await import('node:child_process');
  const child = spawn(process.execPath, [BIN, 'connect', 'mycarrierpackets'], { env: environment, stdio: 'ignore' });
  await new Promise<void>((resolve, reject) =>
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error('connect failed')))),
  );
}

try {
  await connect();
  const signed = run([BIN, 'webhook', 'sign', 'slack'], BODY).stdout.trim().replaceAll('\n', '\r\n');
  const delivery = join(home, 'delivery.http');
  writeFileSync(delivery, `POST / HTTP/1.1\r\n${signed}\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`);
  const commands: [name: string, goal: number, words: string[]][] = [
    ['node -e 0', 1, ['-e', '0']],
    ['lwi --version', 1.35, [BIN, '--version']],
    ['lwi --help', 1.35, [BIN, '--help']],
    ['lwi status', 2, [BIN, 'status']],
    ['lwi token get', 2, [BIN, 'token', 'get', 'mycarrierpackets']],
    ['lwi webhook verify', 2, [BIN, 'webhook', 'verify', 'slack', delivery]],
  ];
  const times = commands.map((): number[] => []);
  for (let round = -3; round < ROUNDS; round++) {
    for (const [at, [, , words]] of commands.entries()) {
      const { ms } = run(words);
      if (round >= 0) times[at]?.push(ms);
    }
  }
  const median = (values: readonly number[]) =>
    values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
  const base = median(times[0] ?? []);
  const rows = commands.map(([name, goal], at) => {
    const ms = median(times[at] ?? []);
    return {
      what: name,
      'median ms': ms.toFixed(1),
      ratio: (ms / base).toFixed(2),
      goal: `<= ${goal}`,
      met: ms / base <= goal ? 'yes' : 'no',
    };
  });
  process.stdout.write(`${process.version}, ${process.platform} ${process.arch}, ${ROUNDS} rounds\n`);
  for (const row of [Object.fromEntries(Object.keys(rows[0] ?? {}).map((key) => [key, key])), ...rows]) {
    process.stdout.write(
      `${Object.values(row)
        .map((cell, at) => String(cell).padEnd(at === 0 ? 20 : 10))
        .join('  ')
        .trimEnd()}\n`,
    );
  }
} finally {
  await served.close();
  rmSync(home, { recursive: true, force: true });
}
await import('./refresh.ts');
await import('./onion.ts');
await import('./limits.ts');
await import('./sync.ts');
await import('./verify.ts');
