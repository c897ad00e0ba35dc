import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { type ApproveOptions, approve } from '../../src/mock/approve.ts';
import { createMock } from '../../src/mock/mock.ts';
import { serveMock } from '../../src/mock/serve.ts';
import type { MockOptions } from '../../src/mock/settings.ts';
import { generateKey } from '../../src/vault/encryption-key.ts';
import { ADDRESS_TO_APPROVE } from './address-to-approve.ts';
import { freePort } from './free-port.ts';
import { type Ran, type Running, type RunOptions, runLwi, startLwi } from './lwi.ts';
import { startHere } from './lwi-here.ts';
import { storeFor } from './store-place.ts';

type Options = Omit<Partial<RunOptions>, 'env'> & { readonly env?: RunOptions['env'] | undefined };

/** One machine of one person: a fresh home with a key of its own, and a mock of all providers. Gone when the test ends. */
export interface Scenario {
  /** `LWI_HOME`; not there yet. */
  readonly home: string;
  /** The working directory, for files of the test. */
  readonly cwd: string;
  readonly key: string;
  readonly mockUrl: string;
  readonly env: Readonly<Record<string, string>>;
  /** Writes a file into the working directory (text as it is, anything else as JSON) and gives its path. */
  write(name: string, content: unknown): string;
  /** Writes the config; text as it is, anything else as JSON. */
  config(content: unknown): string;
  /** Runs `lwi` to its end; `env` is added to that of the scenario. */
  run(words: readonly string[], options?: Options): Promise<Ran>;
  /** Runs `lwi … --json`, expects code 0, and gives the document. */
  json(words: readonly string[], options?: Options): Promise<unknown>;
  start(words: readonly string[], options?: Options): Running;
  /** `lwi connect …` with somebody in the browser who approves. */
  connect(words: readonly string[], options?: Options & ApproveOptions): Promise<Ran & { page: string }>;
  /**
   * Makes a connection as `connect` does, somebody in the browser included, but in this process: for tests whose subject begins after it. Throws
   * unless the code is 0.
   */
  connected(words: readonly string[], options?: Pick<Options, 'env'> & ApproveOptions): Promise<void>;
  /** Runs `lwi` to its end in this process: nothing of the bundle, the start and the exit is tested. Files are to be named from the root. */
  runHere(words: readonly string[], options?: Pick<Options, 'env' | 'stdin'>): Promise<Ran>;
  /** The same, for what must be there before the subject of a test begins. Throws unless the code is 0. */
  prepare(words: readonly string[], options?: Pick<Options, 'env' | 'stdin'>): Promise<void>;
  /** Begins `lwi connect …` and gives the address that it wants opened. */
  startConnect(words: readonly string[], options?: Options): Promise<Running & { address: string; port: number }>;
  /** Pulls a lever of the mock: `expire?provider=slack`. */
  control(path: string): Promise<unknown>;
  /** How many requests the mock has had, by method and path. */
  requests(): Promise<Record<string, number>>;
  /** Ends the mock before the test does: from then on nothing listens there. */
  stopMock(): Promise<void>;
}

/** Opens a scenario. Nothing of the developer's environment gets in: no session bus (and so no keychain), no LWI_*. */
export async function openScenario(mockOptions: Partial<MockOptions> = {}): Promise<Scenario> {
  const cwd = mkdtempSync(join(tmpdir(), 'lwi-e2e-'));
  const home = join(cwd, 'home');
  const served = await serveMock({ mock: createMock({ clock: systemClock, ...mockOptions }), port: 0 });
  let stopped: Promise<void> | undefined;
  const stopMock = () => {
    stopped ??= served.close();
    return stopped;
  };
  onTestFinished(async () => {
    await stopMock();
    rmSync(cwd, { recursive: true, force: true });
  });
  const key = generateKey();
  const env = {
    ...{ PATH: process.env['PATH'] ?? '', HOME: cwd, LWI_HOME: home },
    ...{ LWI_ENV: 'mock', LWI_MOCK_URL: served.url, LWI_ENCRYPTION_KEY: key },
    NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '',
    // The same tests, on either database.
    ...(await storeFor(home)),
  };
  const write = (name: string, content: unknown) => {
    const path = join(cwd, name);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content), { mode: 0o600 });
    return path;
  };
  const start: Scenario['start'] = (words, options = {}) =>
    startLwi(words, { cwd, ...options, env: { ...env, ...options.env } });
  const startConnect: Scenario['startConnect'] = async (words, options) => {
    const port = await freePort();
    const running = start(['connect', ...words, '--port', String(port), '--no-browser'], options);
    const [, address = ''] = await running.said(ADDRESS_TO_APPROVE);
    return { ...running, address, port };
  };
  const run: Scenario['run'] = (words, options = {}) =>
    runLwi(words, { cwd, ...options, env: { ...env, ...options.env } });
  const runHere: Scenario['runHere'] = (words, { env: more, stdin } = {}) =>
    startHere(words, { env: { ...env, ...more }, stdin }).ended;
  // No connection is kept: the mock would close it after a while, perhaps at the moment of the next question.
  const headers = { connection: 'close' };
  const ask = async (path: string, method: string) =>
    (await fetch(`${served.url}/_mock/${path}`, { method, headers })).json();
  return {
    ...{ home, cwd, key, mockUrl: served.url, env, write, start, startConnect, run, runHere, stopMock },
    config: (content) => {
      mkdirSync(home, { recursive: true, mode: 0o700 });
      return write('home/config.json', content);
    },
    json: async (words, options) => documentOf(await run([...words, '--json'], options)),
    connect: async (words, { company, deny, ...options } = {}) => {
      const running = await startConnect(words, options);
      const choice = { ...(company === undefined ? {} : { company }), ...(deny === undefined ? {} : { deny }) };
      const page = await visit(await approve(running.address, choice));
      return { ...(await running.ended), page: page.text };
    },
    connected: async (words, { company, env: more } = {}) => {
      const port = await freePort();
      const running = startHere(['connect', ...words, '--port', String(port), '--no-browser'], {
        env: { ...env, ...more },
      });
      const address = running.said(ADDRESS_TO_APPROVE).then(([, found = '']) => found);
      // Not every grant needs a person.
      const browsed = address.then(async (at) => visit(await approve(at, company === undefined ? {} : { company })));
      browsed.catch(() => {});
      const { code, stderr } = await running.ended;
      if (code !== 0) throw new Error(`connect ${words.join(' ')} ended with ${code}: ${stderr}`);
      await browsed.catch(() => {});
    },
    prepare: async (words, options) => {
      const { code, stderr } = await runHere(words, options);
      if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}: ${stderr}`);
    },
    control: (path) => ask(path, 'POST'),
    requests: async () => ((await ask('requests', 'GET')) as { counts: Record<string, number> }).counts,
  };
}

/** The same scenario where the commands have `env` in addition. */
export function withEnvironment(lwi: Scenario, env: RunOptions['env']): Scenario {
  const all = <T extends { readonly env?: RunOptions['env'] | undefined }>(options?: T) =>
    ({ ...options, env: { ...env, ...options?.env } }) as T;
  return {
    ...lwi,
    run: (words, options) => lwi.run(words, all(options)),
    json: (words, options) => lwi.json(words, all(options)),
    start: (words, options) => lwi.start(words, all(options)),
    runHere: (words, options) => lwi.runHere(words, all(options)),
    prepare: (words, options) => lwi.prepare(words, all(options)),
    connect: (words, options) => lwi.connect(words, all(options)),
    connected: (words, options) => lwi.connected(words, all(options)),
    startConnect: (words, options) => lwi.startConnect(words, all(options)),
  };
}

/**
 * The same scenario with `run` and `json` in this process, for tables of many cases of a command whose start and end other tests show. What is asked of
 * the process itself (a working directory, a shell) still gets one of its own.
 */
export function inThisProcess(lwi: Scenario): Scenario {
  const run: Scenario['run'] = (words, options = {}) => {
    const { env, stdin, ...rest } = options;
    const own = Object.keys(rest).length > 0 || stdin === 'open' || words.includes('--');
    return own ? lwi.run(words, options) : lwi.runHere(words, { env, stdin });
  };
  return { ...lwi, run, json: async (words, options) => documentOf(await run([...words, '--json'], options)) };
}

/** Goes to an address as a browser would; the page that came. */
export async function visit(address: string): Promise<{ status: number; text: string }> {
  const answer = await fetch(address, { redirect: 'manual' });
  return { status: answer.status, text: await answer.text() };
}

/** Variables of a QuickBooks app, and a config that points its sandbox at the mock, with `changed` endpoints and what `more` holds. */
export function sandboxed(
  lwi: Scenario,
  changed: Record<string, string> = {},
  more: object = {},
): Record<string, string> {
  const at = `${lwi.mockUrl}/quickbooks`;
  const endpoints = {
    authorizationEndpoint: `${at}/connect/oauth2`,
    tokenEndpoint: `${at}/oauth2/v1/tokens/bearer`,
    revocationEndpoint: `${at}/v2/oauth2/tokens/revoke`,
    apiBaseUrl: at,
  };
  lwi.config({ endpoints: { quickbooks: { ...endpoints, ...changed } }, ...more });
  return { LWI_ENV: 'sandbox', LWI_QUICKBOOKS_CLIENT_ID: 'app', LWI_QUICKBOOKS_CLIENT_SECRET: 'app-secret' };
}

/** The JSON document on stdout of a command that must have succeeded. */
export function documentOf({ code, stdout, stderr }: Ran): unknown {
  if (code !== 0) throw new Error(`code ${code}: ${stderr}`);
  return JSON.parse(stdout);
}

/** The error of a command that failed under --json: its code and the one line on stderr. */
export function failureOf({ code, stdout, stderr }: Ran): {
  exit: number | null;
  stdout: string;
  error: Record<string, unknown>;
} {
  const last = stderr.trimEnd().split('\n').at(-1) ?? '';
  return { exit: code, stdout, error: (JSON.parse(last) as { error: Record<string, unknown> }).error };
}
