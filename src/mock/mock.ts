import { LwiError } from '../errors.ts';
import type { ProviderFile } from '../providers/generic/definition.ts';
import { didYouMean } from '../providers/nearest-name.ts';
import { jsonAnswer } from './answer.ts';
import { answerControl } from './control.ts';
import { createFaultSchedule } from './fault.ts';
import { dateOffset, faultyAnswer, withFaultyBody, withFaultyHeaders } from './faulty-answer.ts';
import { genericFake } from './generic/generic.ts';
import { makeMycarrierpackets } from './mycarrierpackets/mycarrierpackets.ts';
import type { MakeFake, ProviderFake } from './provider-fake.ts';
import { makeQuickbooks } from './quickbooks/quickbooks.ts';
import { createRequestLog, type MockRequest } from './request-log.ts';
import { type MockOptions, mockSettings } from './settings.ts';
import { makeSlack } from './slack/slack.ts';
import { createWriter } from './writer.ts';

/** Fakes of the providers behind one function, which a server or msw can call. */
export interface Mock {
  /**
   * Answers `/<provider>/…` on any host, and the providers' own hosts (`https://slack.com/api/…`) as if they were here.
   * A cut connection is `Response.error()`. Never rejects but for the request's own abort. `gone` aborts when the client has given up; a request
   * that hangs or an answer that is slow ends then. Default: the request's own signal.
   */
  fetch(request: Request, gone?: AbortSignal): Promise<Response>;
  /** The newest 10,000 requests, oldest first; controls are not among them. */
  readonly log: readonly MockRequest[];
  /** Ids of the providers that answer. */
  readonly providers: readonly string[];
}

const MAKERS = {
  quickbooks: makeQuickbooks,
  slack: makeSlack,
  mycarrierpackets: makeMycarrierpackets,
} as const satisfies Record<string, MakeFake>;

/** Throws LwiError PROVIDER_UNKNOWN or USAGE when the options make no sense. */
export function createMock(options: MockOptions): Mock {
  const settings = mockSettings(options);
  const makers = makersOf(options.definitions ?? []);
  const known = [...makers.keys()];
  const fakes = (options.providers ?? known).map((id) => {
    const make = makers.get(id);
    if (make === undefined) {
      const message = `the mock has no provider ${JSON.stringify(id)}. Known: ${known.join(', ')}.`;
      throw new LwiError('PROVIDER_UNKNOWN', `${message}${didYouMean(id, known)}`, {
        hint: 'Run `lwi mock` for all of them.',
      });
    }
    return make(settings);
  });
  const { clock } = settings;
  const started = clock.now();
  const log = createRequestLog();
  const writer = createWriter(() => clock.now(), options.writer ?? { rate: 0, seed: settings.seed });
  let faults = createFaultSchedule(options.faults ?? [], settings.random);
  const controlled = {
    clock,
    fakes,
    log,
    fetch: settings.fetch,
    writer,
    setFaults(specs: readonly string[]) {
      faults = createFaultSchedule(specs, settings.random);
    },
  };

  async function answer(request: Request, gone: AbortSignal): Promise<Response> {
    const path = new URL(request.url).pathname;
    if (path.startsWith('/_mock/')) return dated(await answerControl(request, controlled).catch(refusal), clock.now());
    const drawn = faults.draw(path);
    const fake = fakes.find(({ id }) => isOf(id, path));
    const waits = { clock, gone };
    const response = fake === undefined ? index(path, fakes) : await faultyAnswer(fake, request, drawn, waits);
    const at = clock.now();
    if (fake !== undefined && response.ok) writer.after(fake, request);
    log.add({ method: request.method, path, status: response.status, at });
    if (response.type === 'error') return response;
    const date = at + dateOffset(drawn, at, started);
    if (fake === undefined) return dated(response, date);
    withFaultyHeaders(response, drawn, date, () => fake.windows(request));
    return dated(await withFaultyBody(response, drawn, waits), date);
  }

  return {
    fetch: (request, gone = request.signal) => answer(atHome(request, fakes), gone),
    get log() {
      return log.newest;
    },
    providers: fakes.map(({ id }) => id),
  };
}

/** The fakes that lwi brings and those of definitions, which go before them. */
function makersOf(definitions: readonly ProviderFile[]): ReadonlyMap<string, MakeFake> {
  return new Map<string, MakeFake>([
    ...Object.entries(MAKERS),
    ...definitions.map((each) => [each.id, genericFake(each)] as const),
  ]);
}

/** Whether a path is a provider's; the metadata of an issuer stands in front of its own path (RFC 8414, 3.1). */
function isOf(id: string, path: string): boolean {
  return path.startsWith(`/${id}/`) || new RegExp(`^/\\.well-known/[\\w-]+/${id}/`).test(path);
}

/** Leads a request for a provider's own host to the path of its fake. */
function atHome(request: Request, fakes: readonly ProviderFake[]): Request {
  const url = new URL(request.url);
  const fake = fakes.find(({ hosts }) => hosts.includes(url.hostname));
  return fake === undefined ? request : new Request(`${url.origin}/${fake.id}${url.pathname}${url.search}`, request);
}

function index(path: string, fakes: readonly ProviderFake[]): Response {
  const providers = fakes.map(({ id }) => id);
  return path === '/' ? jsonAnswer({ mock: 'lwi', providers }) : jsonAnswer({ error: 'not found', providers }, 404);
}

function dated(response: Response, at: number): Response {
  response.headers.set('date', new Date(at).toUTCString());
  return response;
}

function refusal(error: unknown): Response {
  if (error instanceof LwiError) return jsonAnswer({ error: error.message, hint: error.hint }, 400);
  throw error;
}
