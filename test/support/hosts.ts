import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { type Certified, certificate } from './certificate.ts';
import type { Ran, Running, RunOptions } from './lwi.ts';
import { type Scenario, withEnvironment } from './scenario.ts';
import { watchman } from './watchman.ts';

type Options = Pick<RunOptions, 'limitMs' | 'stdin'>;

/** One of several hosts: a name space of the network, whose only cable goes to the bridge. */
export interface Host {
  /** Runs `lwi` there to its end, with a home of the host's own and the key, the mock and the database of the scenario. */
  run(lwi: Scenario, words: readonly string[], options?: Options): Promise<Ran>;
  start(lwi: Scenario, words: readonly string[], options?: Options): Running;
  /** Pulls the cable out of the bridge: nothing goes through any more, and nobody is told. */
  cutOff(): void;
  rejoin(): void;
}

export interface Hosts {
  /** The address of the bridge, under which the hosts reach what the test serves. */
  readonly address: string;
  /** For whatever listens there with TLS; the hosts trust it. */
  readonly certified: Certified;
  readonly hosts: readonly Host[];
  /** The scenario as the hosts see it: its mock behind TLS on the bridge, as the way there is no loopback any more, and this database. */
  reachable(lwi: Scenario, databaseUrl: string): Promise<Scenario>;
  /** Takes all of it away. */
  remove(): Promise<void>;
}

const DAY_MS = 86_400_000;

/** How far the clock of each host is off, ms. */
const SHIFTS = [0, 90_000, -90_000, 30_000];

/** Takes the hosts of a bridge away, whose cables go with them, and the bridge. */
const CLEAN_UP = `for space in $(ip netns list | cut -d ' ' -f 1 | grep "^$0h"); do ip netns del "$space"; done
ip link del "$0"`;

/** Why there can be none here; undefined: there can. */
export function noHosts(): string | undefined {
  if (process.getuid?.() !== 0) return 'name spaces of the network are for root';
  const name = `lwi-try-${randomInt(100_000)}`;
  try {
    ip('netns', 'add', name);
    ip('netns', 'del', name);
    return undefined;
  } catch (error) {
    return `no name space of the network can be made: ${(error as Error).message.trim()}`;
  }
}

/** Makes `count` hosts on a bridge of their own (ip-netns(8), veth(4), bridge in ip-link(8)). Their clocks differ. */
export function openHosts(count: number): Hosts {
  const id = randomInt(0x10000).toString(16).padStart(4, '0');
  const [bridge, net] = [`lwi${id}`, `10.${randomInt(100, 200)}.${randomInt(256)}`];
  const address = `${net}.1`;
  const { dismiss } = watchman(CLEAN_UP, bridge);
  ip('link', 'add', bridge, 'type', 'bridge');
  ip('address', 'add', `${address}/24`, 'dev', bridge);
  ip('link', 'set', bridge, 'up');
  const spaces = Array.from({ length: count }, (_, index) => {
    const [space, cable] = [`lwi${id}h${index}`, `lwi${id}c${index}`];
    ip('netns', 'add', space);
    ip('link', 'add', cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', space);
    ip('link', 'set', cable, 'master', bridge, 'up');
    ip('-netns', space, 'address', 'add', `${net}.${index + 10}/24`, 'dev', 'eth0');
    for (const device of ['lo', 'eth0']) ip('-netns', space, 'link', 'set', device, 'up');
    return { space, cable };
  });

  const now = systemClock.now();
  const certified = certificate({ host: address, from: now - DAY_MS, until: now + DAY_MS });

  const hosts = spaces.map(({ space, cable }, index): Host => {
    const start: Host['start'] = (lwi, words, options) => {
      const home = join(lwi.cwd, space);
      mkdirSync(home, { recursive: true, mode: 0o700 });
      const env = { LWI_HOME: home, NODE_OPTIONS: shifted(SHIFTS[index % SHIFTS.length] ?? 0) };
      return lwi.start(words, { ...options, env, shell: `exec ip netns exec ${space} $LWI "$@"` });
    };
    return {
      start,
      run: (...all) => start(...all).ended,
      cutOff: () => ip('link', 'set', cable, 'nomaster'),
      rejoin: () => ip('link', 'set', cable, 'master', bridge),
    };
  });

  return {
    ...{ address, certified, hosts },
    reachable: (lwi, databaseUrl) => reachable(lwi, address, certified, databaseUrl),
    remove: dismiss,
  };
}

async function reachable(lwi: Scenario, address: string, certified: Certified, databaseUrl: string): Promise<Scenario> {
  const server = createServer(certified, (incoming, outgoing) => {
    const { method, url: path, headers } = incoming;
    const target = new URL(lwi.mockUrl);
    const onward = request({
      host: target.hostname,
      port: target.port,
      method,
      path,
      headers: { ...headers, host: target.host },
    });
    onward.on('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as { port: number };
  const env = {
    ...{ LWI_MOCK_URL: `https://${address}:${port}`, LWI_DATABASE_URL: databaseUrl },
    NODE_EXTRA_CA_CERTS: lwi.write('bridge.pem', certified.cert),
  };
  return { ...withEnvironment(lwi, env), env: { ...lwi.env, ...env } };
}

/** The wall clock of a process, so much ahead. */
function shifted(ms: number): string {
  const code = `const now = Date.now; Date.now = () => now() + ${ms};`;
  return `--import=data:text/javascript,${encodeURIComponent(code)}`;
}

function ip(...words: readonly string[]): void {
  execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'pipe'] });
}
