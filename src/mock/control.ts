import type { Clock } from '../clock.ts';
import { jsonAnswer, streamedAnswer } from './answer.ts';
import type { FakeStream, ProviderFake } from './provider-fake.ts';
import type { RequestLog } from './request-log.ts';
import { deliver, loopbackTarget } from './webhook-delivery.ts';
import { parseWriter, type Writer } from './writer.ts';

/** What the control endpoints work on. */
export interface Controlled {
  readonly clock: Clock;
  readonly fakes: readonly ProviderFake[];
  readonly log: RequestLog;
  readonly fetch: typeof fetch;
  readonly writer: Writer;
  /** Replaces the faults. Throws LwiError USAGE. */
  setFaults(specs: readonly string[]): void;
}

const MOST_ROWS = 100_000;
const MOST_DELIVERIES = 100;

/**
 * The levers behind `/_mock/`, which no provider has: `GET|DELETE requests`, `POST expire|revoke[?provider=]`,
 * `POST faults[?fault=…]`, `POST writer?rate=[&seed=]`, `POST <provider>/touch|add|delete?stream=&count=|id=[&tenant=]`,
 * `POST <provider>/webhook?to=&event=[&times=]`, and the truth to compare a copy with: `GET <provider>/<stream>/live[?tenant=]`.
 */
export async function answerControl(request: Request, controlled: Controlled): Promise<Response> {
  const url = new URL(request.url);
  const [first = '', second, ...rest] = url.pathname.replace('/_mock/', '').split('/');
  if (rest.length > 0 && rest.join('/') !== 'live') return refuse(404, 'no such control');
  if (first === 'requests' && second === undefined) return answerLog(request, controlled.log);
  if (rest.length > 0) return answerLive(request, first, second ?? '', url.searchParams, controlled);
  if (request.method !== 'POST') return refuse(405, 'controls are changed with POST');
  if (second === undefined) return answerGlobal(first, url.searchParams, controlled);
  const fake = controlled.fakes.find(({ id }) => id === first);
  if (fake === undefined) return refuse(404, `no provider ${first}`);
  if (second === 'webhook') return sendWebhook(fake, url.searchParams, controlled.fetch);
  return changeRows(fake, second, url.searchParams, controlled.clock.now());
}

function answerLog(request: Request, log: RequestLog): Response {
  if (request.method === 'DELETE') log.clear();
  else if (request.method !== 'GET') return refuse(405, 'the log is read with GET and cleared with DELETE');
  return jsonAnswer({ total: log.total, counts: log.counts(), requests: log.newest });
}

function answerGlobal(action: string, query: URLSearchParams, controlled: Controlled): Response {
  if (action === 'faults') {
    controlled.setFaults(query.getAll('fault'));
    return jsonAnswer({ faults: query.getAll('fault') });
  }
  if (action === 'writer') {
    const settings = parseWriter([query.get('rate') ?? '', ...query.getAll('seed')].join(':'));
    controlled.writer.set(settings);
    return jsonAnswer({ writer: settings });
  }
  if (action !== 'expire' && action !== 'revoke') return refuse(404, 'no such control');
  const provider = query.get('provider');
  const fakes = controlled.fakes.filter(({ id }) => provider === null || id === provider);
  if (fakes.length === 0) return refuse(404, `no provider ${provider}`);
  for (const { grants } of fakes) {
    if (action === 'expire') grants.expireAll();
    else grants.revokeAll();
  }
  return jsonAnswer({ [action === 'expire' ? 'expired' : 'revoked']: fakes.map(({ id }) => id) });
}

/** Every row that is there now, inactive ones too, in order of time and as the API shows it. */
function answerLive(
  request: Request,
  provider: string,
  name: string,
  query: URLSearchParams,
  { fakes }: Controlled,
): Response {
  if (request.method !== 'GET') return refuse(405, 'what is live is read with GET');
  const stream = fakes.find(({ id }) => id === provider)?.stream(name, query.get('tenant') ?? undefined);
  if (stream === undefined) return refuse(404, `no ${provider} with a stream ${name}`);
  const rows = stream.timeline.walk({ hidden: 'include' }).map((row) => ({
    ...{ id: stream.idOf(row.index), version: row.version, hidden: row.hidden },
    ...{ changedAt: new Date(row.changedAt).toISOString(), row: stream.render(row) },
  }));
  return streamedAnswer('{"rows":[', rows, ']}');
}

async function sendWebhook(fake: ProviderFake, query: URLSearchParams, send: typeof fetch): Promise<Response> {
  const to = loopbackTarget(query.get('to'));
  if (to === undefined) return refuse(400, 'to must be an http or https address on loopback');
  const times = wholeNumber(query.get('times') ?? '1', MOST_DELIVERIES);
  if (times === undefined) return refuse(400, `times must be a number from 1 to ${MOST_DELIVERIES}`);
  const event = fake.event(query);
  if (event === undefined) return refuse(400, `${fake.id} has no such event`);
  const deliveries = await deliver(event, to, times, send);
  return jsonAnswer({ ...deliveries.at(-1), deliveries });
}

function changeRows(fake: ProviderFake, action: string, query: URLSearchParams, now: number): Response {
  if (action !== 'touch' && action !== 'add' && action !== 'delete') return refuse(404, 'no such control');
  const name = query.get('stream') ?? '';
  const stream = fake.stream(name, query.get('tenant') ?? undefined);
  if (stream === undefined) return refuse(404, `${fake.id} has no stream ${name}`);
  const count = wholeNumber(query.get('count') ?? '1', MOST_ROWS);
  if (count === undefined) return refuse(400, `count must be a number from 1 to ${MOST_ROWS}`);
  const indices =
    action === 'add' ? stream.timeline.add(count, now, stream.addStepMs) : chosen(stream, query.getAll('id'), count);
  if (indices === undefined) return refuse(404, `${fake.id} has no such row`);
  if (action === 'touch') stream.timeline.change(indices, now, 'touch');
  if (action === 'delete') stream.timeline.change(indices, now, stream.onDelete);
  return jsonAnswer({
    provider: fake.id,
    stream: name,
    action,
    ids: indices.map(stream.idOf),
    at: new Date(now).toISOString(),
  });
}

function chosen(stream: FakeStream, ids: readonly string[], count: number): number[] | undefined {
  if (ids.length === 0) return stream.timeline.nextLive(count);
  const indices = ids.map(stream.indexOf).filter((index) => index !== undefined);
  const known = indices.filter((index) => stream.timeline.find(index) !== undefined);
  return known.length === ids.length ? known : undefined;
}

function wholeNumber(text: string, most: number): number | undefined {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  return value >= 1 && value <= most ? value : undefined;
}

function refuse(status: number, error: string): Response {
  return jsonAnswer({ error }, status);
}
