import { apiRequest } from '../../src/http/api-request.ts';
import type { HttpResponse } from '../../src/http/http.ts';
import { PASTED_SLACK_TOKENS } from '../../src/mock/slack/slack.ts';
import type { Provider } from '../../src/providers/provider.ts';
import type { Page, PageRequest, Stream, SyncWindow } from '../../src/providers/stream.ts';
import type { ManualClock } from '../mock/manual-clock.ts';
import { connectQuickbooks, control, postForm, REALM, startMock } from '../mock/started-mock.ts';

/** A served mock with a token for one provider, and its streams as they answer there. */
export interface MockSource {
  readonly url: string;
  readonly clock: ManualClock;
  /** `touch`, `add` or `delete` of rows: `delete?stream=messages&id=…`. Gives the ids. */
  change(what: string): Promise<readonly string[]>;
  ask(request: PageRequest): Promise<HttpResponse>;
  /** Reads a whole window, page by page; the requests go through JSON on the way, as the store would send them. */
  read(stream: Stream, since?: number): Promise<Pulled>;
  /** Asks for one record; undefined when the provider says that there is none. */
  lookup(stream: Stream, id: string): Promise<Page | undefined>;
}

export interface Pulled {
  readonly window: SyncWindow;
  readonly requests: readonly PageRequest[];
  readonly pages: readonly Page[];
  readonly ids: readonly string[];
}

/** Starts a mock without rate limits and connects. */
export async function mockSource(
  provider: Provider,
  options: Parameters<typeof startMock>[0] = {},
): Promise<MockSource> {
  const { url, clock } = await startMock({ rateLimits: false, ...options });
  const token = await tokenOf(provider.id, url);
  const baseUrl = provider.environments.mock?.(url).apiBaseUrl ?? '';

  const windowAt = (since?: number): SyncWindow => ({
    now: clock.now(),
    externalId: REALM,
    ...(since === undefined ? {} : { since }),
  });

  async function ask(request: PageRequest): Promise<HttpResponse> {
    const asked = apiRequest(provider, baseUrl, REALM, request);
    const response = await fetch(asked.url, {
      method: asked.method,
      headers: { ...asked.headers, authorization: `Bearer ${token}` },
      ...(asked.body === undefined ? {} : { body: asked.body as string }),
    });
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: new Uint8Array(await response.arrayBuffer()),
    };
  }

  const parse = (stream: Stream, request: PageRequest, window: SyncWindow, { headers, body }: HttpResponse): Page =>
    stream.parse({ request, window, headers, until: window.now, body: JSON.parse(new TextDecoder().decode(body)) });

  return {
    url,
    clock,
    ask,
    async change(what) {
      const { status, body } = await control(url, `${provider.id}/${what}`);
      if (status !== 200) throw new Error(`${what}: ${JSON.stringify(body)}`);
      return body.ids;
    },
    async read(stream, since) {
      const window = windowAt(since);
      const requests: PageRequest[] = [];
      const pages: Page[] = [];
      let request: PageRequest | undefined = stream.start(window).request;
      while (request) {
        if (requests.push(request) > 200) throw new Error('the pages do not end');
        const answer = await ask(request);
        const fault = provider.classify(answer);
        if (fault) throw new Error(`${stream.name}: ${fault.message}`);
        const page = parse(stream, request, window, answer);
        pages.push(page);
        request = page.next && (JSON.parse(JSON.stringify(page.next)) as PageRequest);
      }
      return { window, requests, pages, ids: pages.flatMap(({ records }) => records.map(({ id }) => id)) };
    },
    async lookup(stream, id) {
      const window = windowAt();
      const request = stream.lookup?.(id, window);
      if (request === undefined) throw new Error(`${stream.name} has no lookup`);
      const answer = await ask(request);
      const fault = provider.classify(answer);
      if (fault?.code === 'NOT_FOUND') return undefined;
      if (fault) throw new Error(`${stream.name}: ${fault.message}`);
      return parse(stream, request, window, answer);
    },
  };
}

async function tokenOf(provider: string, url: string): Promise<string> {
  if (provider === 'slack') return PASTED_SLACK_TOKENS.bot;
  if (provider === 'quickbooks') return (await connectQuickbooks(url)).body.access_token;
  const login = { grant_type: 'password', username: 'api@example.com', password: 'secret' };
  return (await postForm(`${url}/${provider}/token`, login)).body.access_token;
}
