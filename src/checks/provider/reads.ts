import { isLwiError } from '../../errors.ts';
import type { ApiRequest } from '../../http/api-request.ts';
import { bodyJson, type HttpResponse } from '../../http/http.ts';
import type { LimitRule, Provider } from '../../providers/provider.ts';
import { ruleName } from '../../providers/rule-name.ts';
import type { Page } from '../../providers/stream.ts';
import type { ConnectionRow } from '../../store/store.ts';
import { readPage } from '../../sync/read-page.ts';
import { type Finding, skip } from '../check.ts';
import { type Bench, type ClientChange, withBench } from './bench.ts';
import { connect } from './grants.ts';
import type { Line } from './line.ts';

/** A request that only reads: the probe, or the first page of an entity. */
export interface Read {
  /** `probe`, or the name of the entity. */
  readonly name: string;
  of(row: ConnectionRow, now: number): ApiRequest;
}

/** All that a provider's definition has. */
export function readsOf({ api, streams }: Provider): readonly Read[] {
  return [
    { name: 'probe', of: () => api.probe },
    ...streams.map((stream) => ({
      name: stream.name,
      of: ({ externalId = '' }: ConnectionRow, now: number) => stream.start({ now, externalId }).request,
    })),
  ];
}

/** Sends a read as a command would. */
export function ask(bench: Bench, row: ConnectionRow, read: Read, change?: ClientChange): Promise<HttpResponse> {
  const request = read.of(row, bench.clock.now());
  return bench.api(change)(bench.request(row, request), bench.call(row, request));
}

/** The provider without its limits, so that no wait for a permit is taken for another wait. */
export function withoutLimits(provider: Provider): Provider {
  return { ...provider, limits: [] };
}

/** The rules that a read counts against. */
export function rulesOf(provider: Provider, row: ConnectionRow, read: Read, now: number): readonly LimitRule[] {
  const { method, path } = read.of(row, now);
  const names = provider.limitsFor(method, path).map(ruleName);
  return provider.limits.filter(({ name }) => names.includes(name));
}

/** Sends a read once and reads the page where it is one; undefined for the probe. Throws what is wrong with the answer. */
export async function readOnce(bench: Bench, row: ConnectionRow, read: Read): Promise<Page | undefined> {
  const { provider, clock } = bench;
  const response = await ask(bench, row, read, { policy: { attempts: 1 } });
  const stream = provider.streams.find(({ name }) => name === read.name);
  if (!stream) return undefined;
  const window = { now: clock.now(), externalId: row.externalId ?? '' };
  const { request } = stream.start(window);
  const answer = { status: response.status, headers: response.headers, body: bodyJson(response) };
  return readPage({ provider, baseUrl: bench.endpoints.apiBaseUrl, target: row }, stream, answer, {
    request,
    window,
    until: clock.now(),
  });
}

/** Reads that were answered well, by what is checked. */
const answered = new WeakMap<object, Promise<readonly Read[]>>();

/** Those reads that the server in the provider's place answers well; found out once. */
export function goodReads({ subject, signal }: Pick<Bench, 'subject' | 'signal'>): Promise<readonly Read[]> {
  const known = answered.get(subject);
  if (known) return known;
  const found = withBench(subject, signal, {}, async (bench) => {
    const row = await connect(bench);
    const good: Read[] = [];
    for (const read of readsOf(subject.provider)) {
      try {
        await readOnce(bench, row, read);
        good.push(read);
      } catch (error) {
        if (!isLwiError(error)) throw error;
      }
    }
    return good;
  });
  answered.set(subject, found);
  return found;
}

/** A line that needs a connection and a read that is answered. */
export function readingLine(
  line: Omit<Line, 'run' | 'needs'> & {
    readonly needs?: readonly string[];
    run(bench: Bench, row: ConnectionRow, read: Read): Promise<Finding>;
  },
): Line {
  return {
    ...line,
    needs: ['token-exchange', ...(line.needs ?? [])],
    run: async (bench) => {
      const [read] = await goodReads(bench);
      if (!read) return skip('neither the probe nor any entity is answered: see mock-server');
      return line.run(bench, await connect(bench), read);
    },
  };
}
