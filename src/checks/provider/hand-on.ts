import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { type Pacer, pacer } from '../../pacer.ts';
import { ruleName } from '../../providers/rule-name.ts';
import { type Elsewhere, isApi, type Subject } from './subject.ts';

/** Real time between two requests that are handed on, for each subject: here waits cost nothing, there time must pass. */
const pacers = new WeakMap<Subject, Pacer>();
const LONGEST_PACE_MS = 250;

/** Largest answer that is handed back, bytes. */
const LARGEST_ANSWER = 64 * 1024 * 1024;

/** These have no body (RFC 9110, 15.3.5, 15.3.6 and 15.4.5), and a `Response` with one cannot be made of them. */
const BODILESS = [204, 205, 304];

/** Headers that are about one connection (RFC 9110, 7.6.1), or about a body as it came. */
const OWN = ['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'accept-encoding'];

/** Sends requests on to another server; those to the API no faster than the provider lets the probe go. What breaks off is `Response.error()`. */
export function handOn(
  { url: base, anyHost = false }: Elsewhere,
  subject: Subject,
): (request: Request, gone: AbortSignal) => Promise<Response> {
  const pace = pacers.get(subject) ?? pacer(subject.time, paceOf(subject));
  pacers.set(subject, pace);
  return async (request, gone) => {
    const { pathname, search } = new URL(request.url);
    const body = Buffer.from(await request.arrayBuffer());
    const headers = Object.fromEntries([...request.headers].filter(([name]) => !OWN.includes(name)));
    if (!anyHost) delete headers['host'];
    if (isApi(subject, pathname, base)) await pace.turn(gone);
    const target = new URL(pathname + search, base);
    return send(target, { method: request.method, headers, body, gone }).catch(() => Response.error());
  };
}

function paceOf({ provider }: Subject): number {
  const { method, path } = provider.api.probe;
  const names = provider.limitsFor(method, path).map(ruleName);
  const paces = provider.limits.filter(({ name }) => names.includes(name)).map(({ permits, perMs }) => perMs / permits);
  return Math.min(LONGEST_PACE_MS, Math.max(0, ...paces));
}

interface Sent {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
  readonly gone: AbortSignal;
}

/** By node:http, as `fetch` sets the host itself. */
function send(target: URL, { method, headers, body, gone }: Sent): Promise<Response> {
  const request = target.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const sent = request(target, { method, headers: { ...headers, 'content-length': body.length }, signal: gone });
    sent.once('error', reject);
    sent.once('response', (answer) => {
      read(answer).then(resolve, reject);
    });
    sent.end(body);
  });
}

async function read(answer: IncomingMessage): Promise<Response> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer) {
    size += chunk.length;
    if (size > LARGEST_ANSWER) throw new RangeError('the answer is too large');
    chunks.push(chunk);
  }
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(answer.headersDistinct))
    if (!OWN.includes(name)) for (const value of values) headers.append(name, value);
  const { statusCode: status = 502 } = answer;
  const body = BODILESS.includes(status) ? null : Buffer.concat(chunks);
  return new Response(body, { status, headers });
}
