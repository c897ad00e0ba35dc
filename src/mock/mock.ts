import { LwiError } from '../errors.ts';
import { gatewayPage, jsonAnswer, truncated } from './answer.ts';
import { answerControl } from './control.ts';
import { createFaultSchedule, type Fault } from './fault.ts';
import { makeMycarrierpackets } from './mycarrierpackets/mycarrierpackets.ts';
import type { MakeFake, ProviderFake } from './provider-fake.ts';
import { makeQuickbooks } from './quickbooks/quickbooks.ts';
import { createRequestLog, type MockRequest } from './request-log.ts';
import { type MockOptions, mockSettings } from './settings.ts';
import { makeSlack } from './slack/slack.ts';

/** Fakes of the providers behind one function, which a server or msw can call. */
export interface Mock {
  /**
   * Answers `/<provider>/…` on any host, and the providers' own hosts (`https://slack.com/api/…`) as if they were here.
   * A cut connection is `Response.error()`. Never rejects but for the request's own abort.
   */
  fetch(request: Request): Promise<Response>;
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

/** Ids of all providers that the mock can be. */
const MOCK_PROVIDERS: readonly string[] = Object.keys(MAKERS);

/** Throws LwiError PROVIDER_UNKNOWN or USAGE when the options make no sense. */
export function createMock(options: MockOptions): Mock {
  const settings = mockSettings(options);
  const fakes = (options.providers ?? MOCK_PROVIDERS).map((id) => {
    const make = Object.entries(MAKERS).find(([name]) => name === id)?.[1];
    if (make === undefined) throw new LwiError('PROVIDER_UNKNOWN', `the mock has no provider ${JSON.stringify(id)}`);
    return make(settings);
  });
  const { clock } = settings;
  const log = createRequestLog();
  let faults = createFaultSchedule(options.faults ?? [], settings.random);
  const controlled = {
    clock,
    fakes,
    log,
    fetch: settings.fetch,
    setFaults(specs: readonly string[]) {
      faults = createFaultSchedule(specs, settings.random);
    },
  };

  async function answerProvider(fake: ProviderFake, request: Request, drawn: readonly Fault[]): Promise<Response> {
    const has = (kind: Fault['kind']) => drawn.some((fault) => fault.kind === kind);
    for (const fault of drawn) if (fault.kind === 'latency') await clock.sleep(fault.ms, request.signal);
    if (has('cut')) return Response.error();
    const status = drawn.find((fault) => fault.kind === 'status')?.status;
    let answer = status === undefined ? undefined : fake.failure(status, new URL(request.url).pathname);
    if (has('html')) answer = gatewayPage();
    answer ??= await fake.handle(request);
    if (has('lost')) return Response.error();
    if (has('truncate')) answer = await truncated(answer);
    fake.stamp(answer.headers);
    return answer;
  }

  async function answer(request: Request): Promise<Response> {
    const path = new URL(request.url).pathname;
    if (path.startsWith('/_mock/')) return dated(await answerControl(request, controlled).catch(refusal), clock.now());
    const drawn = faults.draw(path);
    const fake = fakes.find(({ id }) => path.startsWith(`/${id}/`));
    const response = fake === undefined ? index(path, fakes) : await answerProvider(fake, request, drawn);
    const at = clock.now();
    log.add({ method: request.method, path, status: response.status, at });
    const skew = drawn.reduce((sum, fault) => sum + (fault.kind === 'skew' ? fault.ms : 0), 0);
    return response.type === 'error' ? response : dated(response, at + skew);
  }

  return {
    fetch: (request) => answer(atHome(request, fakes)),
    get log() {
      return log.newest;
    },
    providers: fakes.map(({ id }) => id),
  };
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
