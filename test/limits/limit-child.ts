/**
 * A process of its own that sends as many requests as its limits let it: `node limit-child.ts <database> <url> <rules as JSON> <ms> <lanes>`. It says
 * `ready`, waits for a line on stdin, and prints how many requests were refused.
 */
import { once } from 'node:events';
import { argv, stdin, stdout } from 'node:process';
import { systemClock, systemUptime } from '../../src/clock.ts';
import type { Call } from '../../src/http/http.ts';
import { rateLimit } from '../../src/http/rate-limit.ts';
import { transport } from '../../src/http/transport.ts';
import { fromDefinition } from '../../src/providers/generic/provider.ts';
import { openPostgresStore } from '../../src/store/postgres/open.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';

const [path = '', url = '', rules = '[]', ms = '0', lanes = '1'] = argv.slice(2);
const clock = systemClock;
const store = path.startsWith('postgres:')
  ? await openPostgresStore(path, 'the database of the test', { now: clock.now })
  : openSqliteStore(path, { now: clock.now, uptime: systemUptime });
const wire = transport({ userAgent: 'lwi' });
const provider = { ...fromDefinition({ id: 'acme', api: { baseUrl: url } }), limits: JSON.parse(rules) };
const send = rateLimit({ store, clock, provider })(wire.send);
const end = new AbortController();
const call: Call = {
  provider: 'acme',
  connection: { account: 'default', provider: 'acme' },
  limits: provider.limits.map(({ name }: { name: string }) => name),
  ...{ priority: 'sync', repeatable: true, signal: end.signal, purpose: 'test' },
};
let refused = 0;

async function lane(): Promise<void> {
  while (!end.signal.aborted) {
    const answer = await send({ method: 'GET', url, headers: {} }, call).catch((error: unknown) => {
      if (end.signal.aborted) return undefined;
      throw error;
    });
    if (answer?.status === 429) refused += 1;
  }
}

stdout.write('ready\n');
await once(stdin, 'data');
const ended = Promise.all(Array.from({ length: Number(lanes) }, lane));
await clock.sleep(Number(ms));
end.abort(new Error('over'));
await ended;
await wire.close();
await store.close();
stdout.write(`${refused}\n`);
stdin.destroy();
