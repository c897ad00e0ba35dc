import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../src/clock.ts';
import { approve } from '../../src/mock/approve.ts';
import { createMock } from '../../src/mock/mock.ts';
import { serveMock } from '../../src/mock/serve.ts';
import { ADDRESS_TO_APPROVE } from '../support/address-to-approve.ts';
import { ageTokens } from '../support/store-file.ts';

/**
 * Many processes that need one expired token, started at once: how many requests the token endpoint gets, and how long after its answer the last of those
 * who waited has the token. The answer takes long enough for all of them to be waiting by then. Run by `npm run bench`.
 */
const PROCESSES = 50;
const ANSWER_AFTER_MS = 10_000;
const GOAL_MS = 250;
const BIN = fileURLToPath(new URL('../../bin/lwi.js', import.meta.url));
const TOKEN_ENDPOINT = '/quickbooks/oauth2/v1/tokens/bearer';

const home = mkdtempSync(join(tmpdir(), 'lwi-bench-'));
const mock = createMock({ clock: systemClock });
const served = await serveMock({ mock, port: 0 });
const env = {
  ...{ PATH: process.env['PATH'] ?? '', HOME: home, LWI_HOME: home, LWI_ENV: 'mock', LWI_MOCK_URL: served.url },
  LWI_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
};

const start = (...words: string[]) =>
  spawn(process.execPath, [BIN, ...words], { env, stdio: ['ignore', 'pipe', 'pipe'] });

/** Resolves to stdout and the time at which it came, ms since the epoch. */
async function ended(child: ChildProcess): Promise<{ stdout: string; at: number }> {
  let [stdout, at] = ['', 0];
  child.stdout?.on('data', (chunk) => {
    stdout += String(chunk);
    at = Date.now();
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`a process ended with ${code}`);
  return { stdout, at };
}

async function connect(): Promise<void> {
  const child = start('connect', 'quickbooks', '--no-browser');
  let said = '';
  child.stderr?.on('data', (chunk) => {
    const before = said;
    said += String(chunk);
    const address = ADDRESS_TO_APPROVE.exec(said)?.[1];
    if (address && !/^ {2}http\S+$/m.test(before)) void approve(address).then((callback) => fetch(callback));
  });
  await ended(child);
}

try {
  await connect();
  ageTokens(home, 7_200_000);
  await fetch(`${served.url}/_mock/faults?fault=latency=${ANSWER_AFTER_MS}:quickbooks/tokens`, { method: 'POST' });
  const before = mock.log.length;
  const all = await Promise.all(Array.from({ length: PROCESSES }, () => ended(start('token', 'get', 'quickbooks'))));
  const requests = mock.log.slice(before).filter(({ path }) => path === TOKEN_ENDPOINT);
  const answered = requests.at(-1)?.at ?? Number.NaN;
  const late = all.map(({ at }) => at - answered).sort((a, b) => a - b);
  const tokens = new Set(all.map(({ stdout }) => stdout)).size;
  process.stdout.write(
    `${PROCESSES} processes, one expired token: ${requests.length} request, ${tokens} token; ` +
      `they had it ${late[0]} ms (first), ${late[Math.floor(late.length / 2)]} ms (median), ${late.at(-1)} ms (last) after the answer; goal <= ${GOAL_MS}\n`,
  );
} finally {
  await served.close();
  rmSync(home, { recursive: true, force: true });
}
