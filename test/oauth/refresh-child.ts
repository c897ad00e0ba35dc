import { homedir } from 'node:os';
import { systemRandom } from '../../src/clock.ts';
import { createContext } from '../../src/context.ts';
import { isLwiError } from '../../src/errors.ts';
import { prepareRenewal } from '../../src/oauth/renew.ts';
import { TokenManager } from '../../src/oauth/token-manager.ts';
import { outputOn } from '../../src/output.ts';
import type { Store } from '../../src/store/store.ts';

/**
 * A process that refreshes the token of quickbooks and dies by SIGKILL on the way:
 *
 *     refresh-child.ts at <step>                      always at that step
 *     refresh-child.ts often <times> <chance> <ttl>   so many refreshes by force, each killed before its request is sent with that chance
 */
const [mode = '', ...rest] = process.argv.slice(2);
const [times = '1', chance = '0', ttl = ''] = mode === 'often' ? rest : [];

/** The steps of a refresh: the call of the store before or after which the process dies. */
const STEPS = {
  'before the lease': ['acquireLease', 'before'],
  'under the lease': ['acquireLease', 'after'],
  'before the note': ['beginRotation', 'before'],
  'after the note': ['beginRotation', 'after'],
  'after the answer': ['replaceToken', 'before'],
  'after the token is stored': ['replaceToken', 'after'],
  'before the lease is given back': ['releaseLease', 'before'],
  'after the lease is given back': ['releaseLease', 'after'],
} as const satisfies Record<string, readonly [keyof Store, 'before' | 'after']>;

type Step = keyof typeof STEPS;
const BEFORE_SENDING: readonly Step[] = ['before the lease', 'under the lease', 'before the note', 'after the note'];

const host = {
  ...{ argv: [], self: [], env: process.env, platform: process.platform, pid: process.pid, homedir },
  ...{ nodeVersion: process.versions.node, uid: undefined },
  ...{ stdin: process.stdin, leaveAtOnce: () => {} },
  unstopped: <T>(work: Promise<T>) => work,
  become: () => Promise.reject(new Error('this process stays what it is')),
  stdout: outputOn(1, () => process.stdout),
  stderr: outputOn(2, () => process.stderr),
};
const options = { json: false, quiet: false, verbosity: 0, input: false, color: false };
const { signal } = new AbortController();
const context = await createContext(host, options, signal);
const store = await context.store();
let dieAt: Step | undefined = mode === 'at' ? (rest[0] as Step) : undefined;
for (const step of Object.keys(STEPS) as Step[]) lieInWait(step);

const tokens = new TokenManager({
  ...{ store, vault: await context.vault(), clock: context.clock, owner: context.owner },
  prepare: prepareRenewal({ protocolFor: context.protocolFor, loginFor: context.login }),
  leaseTtlMs: ttl === '' ? undefined : Number(ttl),
});
const key = { account: 'default', provider: 'quickbooks' };
for (let done = 0; done < Number(times); done++) {
  if (mode === 'often' && systemRandom() < Number(chance)) {
    dieAt = BEFORE_SENDING[Math.floor(systemRandom() * BEFORE_SENDING.length)];
  }
  const { generation } = await tokens.usable(key);
  try {
    const { outcome } = await tokens.refresh(key, signal, mode === 'often' ? { olderThan: generation + 1 } : {});
    host.stdout.write(`${outcome}\n`);
  } catch (error) {
    // On a busy machine a process may stand still past its lease, which is then another one's: it says so and sends nothing.
    const slept = isLwiError(error, 'LEASE_BUSY') && error.message.includes('slept too long');
    if (mode !== 'often' || !slept) throw error;
  }
}
await context.close();

/** Lets the process die when its turn has come, before or after one call of the store. */
function lieInWait(step: Step): void {
  const [name, when] = STEPS[step];
  const call = store[name] as (...input: unknown[]) => Promise<unknown>;
  const watched = async (...input: unknown[]) => {
    if (when === 'before' && dieAt === step) process.kill(process.pid, 'SIGKILL');
    const result = await call(...input);
    if (when === 'after' && dieAt === step) process.kill(process.pid, 'SIGKILL');
    return result;
  };
  Object.assign(store, { [name]: watched });
}
