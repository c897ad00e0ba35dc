import { createHash } from 'node:crypto';
import { LwiError } from '../../src/errors.ts';
import type { HttpRequest, HttpResponse } from '../../src/http/http.ts';
import { circleGuard } from '../../src/sync/page-circle.ts';
import type { PreparedCall } from './prepared-call.ts';

/** One page as it came. */
export interface FollowedPage {
  readonly answer: HttpResponse;
  /** Nobody knows how this request is paged: there is this one page. */
  readonly unpaged: boolean;
}

/** Bodies as short as an empty list say nothing when they come twice, bytes. */
const SHORTEST_BODY = 3;

/**
 * The pages of a request, each one asked for when the one before has been taken. Throws what sending throws, and BAD_RESPONSE when the pages go round in
 * a circle, lead away from the base URL (the token would travel with them) or cannot be followed.
 */
export async function* followPages(
  call: Pick<PreparedCall, 'provider' | 'baseUrl' | 'request' | 'send'>,
  signal: AbortSignal,
): AsyncGenerator<FollowedPage> {
  const { provider, baseUrl } = call;
  const what = new URL(call.request.url).pathname;
  const broken = (problem: string) =>
    new LwiError('BAD_RESPONSE', `The pages of ${what} cannot be followed: ${problem}.`, {
      provider: provider.id,
      retryable: false,
    });
  const refuseRequest = circleGuard(what, markOf(call.request));
  let refuseBody: ((next: string) => void) | undefined;
  let request = call.request;
  for (let first = true; ; first = false) {
    const answer = await call.send(request);
    if (answer.body.length >= SHORTEST_BODY) {
      // Numbered pages ask for something new each time, so that only what comes tells of a circle.
      const print = createHash('sha256').update(answer.body).digest('base64');
      if (refuseBody) refuseBody(print);
      else refuseBody = circleGuard(what, print);
    }
    const after = provider.api.nextPage?.(request, answer, baseUrl) ?? { end: 'unpaged' };
    yield { answer, unpaged: first && 'end' in after && after.end === 'unpaged' };
    if ('end' in after) return;
    if ('problem' in after) throw broken(after.problem);
    if (!isBelow(after.next.url, baseUrl)) throw broken(`the next page leads away from ${baseUrl}`);
    refuseRequest(markOf(after.next));
    signal.throwIfAborted();
    request = after.next;
  }
}

function markOf({ method, url, body }: HttpRequest): object {
  return { method, url, body: typeof body === 'string' ? body : body && Buffer.from(body).toString('base64') };
}

function isBelow(url: string, baseUrl: string): boolean {
  const [target, base] = [URL.parse(url), new URL(baseUrl)];
  return (
    target !== null &&
    target.origin === base.origin &&
    target.username === '' &&
    target.password === '' &&
    `${target.pathname}/`.startsWith(`${base.pathname.replace(/\/$/, '')}/`)
  );
}
