import type { Clock } from '../../clock.ts';
import type { Mock } from '../../mock/mock.ts';
import { type ServedMock, serveMock } from '../../mock/serve.ts';

/** A request as it came to where the provider would be, and what was answered. */
export interface Seen {
  readonly kind: 'api' | 'oauth';
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Headers;
  readonly body: string;
  /** ms by the clock of the check. */
  readonly at: number;
  /** 0: no answer. */
  readonly status: number;
  readonly answer: { readonly headers: Headers; readonly text: string };
}

/** Whether it asks for a token; metadata and pages are read with GET. */
export function isTokenRequest({ kind, method }: Seen): boolean {
  return kind === 'oauth' && method === 'POST';
}

/** What is done with a request in place of handing it on. */
export type Scripted =
  | 'hang'
  | 'cut'
  | {
      /** This status; absent: it is handed on. */
      readonly status?: number;
      /** The status comes with the provider's own body and headers for it, else with an empty object. */
      readonly own?: boolean;
      /** Added to the answer. */
      readonly headers?: Readonly<Record<string, string>>;
      /** The answer is late by so many real ms. */
      readonly lateMs?: number;
    };

/** `nth` counts the API requests since the script was set, from 1. */
export type Script = (nth: number) => Scripted | undefined;

/** A server in the provider's place: sees everything, hands it on to the mock (or to another server), and fails when it is told to. */
export interface StandIn {
  readonly url: string;
  /** Oldest first. */
  readonly seen: readonly Seen[];
  /** The most API requests that were under way at once. */
  readonly mostAtOnce: number;
  /** For the API requests that follow; undefined: all are handed on. */
  script(script: Script | undefined): void;
  /** The provider's own answer for a status, as the mock makes it. */
  failure(status: number): Promise<Response>;
  close(): Promise<void>;
}

export interface StandInParts {
  readonly clock: Clock;
  /** Real time. */
  readonly time: Clock;
  /** Answers what is handed on. */
  readonly upstream: (request: Request, gone: AbortSignal) => Promise<Response>;
  /** Makes the failures; another one than the one that answers, so that nothing else meets them. */
  readonly failing: Mock;
  /** Whether a path belongs to the API; all others are those of the authorization server. `url` is that of this server. */
  readonly isApi: (path: string, url: string) => boolean;
}

/** Serves it on a free port of loopback. */
export async function serveStandIn({ clock, time, upstream, failing, isApi }: StandInParts): Promise<StandIn> {
  const seen: Seen[] = [];
  let script: Script | undefined;
  let nth = 0;
  let underWay = 0;
  let mostAtOnce = 0;
  let served: ServedMock | undefined;

  async function failure(status: number): Promise<Response> {
    const post = (path: string) => new Request(`http://127.0.0.1/${path}`, { method: 'POST' });
    await failing.fetch(post(`_mock/faults?fault=${status}:*`));
    return failing.fetch(post(`${failing.providers[0]}/lwi-provider-check`));
  }

  async function answer(request: Request, gone: AbortSignal, scripted: Scripted | undefined): Promise<Response> {
    if (scripted === 'cut') return Response.error();
    if (scripted === 'hang') {
      await aborted(gone);
      return Response.error();
    }
    if (scripted?.lateMs !== undefined) await time.sleep(scripted.lateMs, gone);
    if (scripted?.status === undefined) return withHeaders(await upstream(request, gone), scripted?.headers);
    const made = scripted.own ? await failure(scripted.status) : Response.json({}, { status: scripted.status });
    return withHeaders(made, scripted.headers);
  }

  async function fetch(request: Request, gone: AbortSignal = request.signal): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    const kind = isApi(pathname, served?.url ?? '') ? 'api' : 'oauth';
    const body = await request.clone().text();
    if (kind === 'api') {
      nth += 1;
      underWay += 1;
      mostAtOnce = Math.max(mostAtOnce, underWay);
    }
    const come = { kind, method: request.method, path: pathname + search, headers: request.headers, body } as const;
    const entry = { ...come, at: clock.now(), status: 0, answer: { headers: new Headers(), text: '' } };
    seen.push(entry);
    try {
      const response = await answer(request, gone, kind === 'api' ? script?.(nth) : undefined);
      if (response.type === 'error') return response;
      const { status, headers } = response;
      Object.assign(entry, { status, answer: { headers, text: await response.clone().text() } });
      return response;
    } finally {
      if (kind === 'api') underWay -= 1;
    }
  }

  served = await serveMock({ mock: { fetch, log: [], providers: failing.providers }, port: 0 });
  return {
    url: served.url,
    seen,
    get mostAtOnce() {
      return mostAtOnce;
    },
    script: (next) => {
      script = next;
      nth = 0;
    },
    failure,
    close: served.close,
  };
}

function withHeaders(response: Response, headers: Readonly<Record<string, string>> = {}): Response {
  if (response.type !== 'error') for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  return response;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
